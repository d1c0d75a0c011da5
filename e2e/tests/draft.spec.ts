import type { Page } from "@playwright/test";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

const restored = (page: Page) => page.getByText("What you typed here before is restored.");

test("what was typed survives leaving, Back and a reload, until it is started", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, seeds: "1", train: "64", epochs: "1" });
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "New experiment" }).click();
  await expect(lab.field("Name")).toHaveValue("Modules of a tiny BERT");
  await expect(restored(page)).toHaveCount(0);

  await lab.field("Name").fill("Edited");
  await lab.field("Learning rates").fill("1e-3, fast");
  await lab.box("Tags").check();
  await page.getByRole("link", { name: "Experiments", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Experiments" })).toBeVisible();
  await page.goBack();
  const holds = async (): Promise<void> => {
    await expect(restored(page)).toBeVisible();
    await expect(lab.field("Name")).toHaveValue("Edited");
    await expect(lab.field("Learning rates")).toHaveValue("1e-3, fast");
    await expect(lab.box("Tags")).toBeChecked();
  };
  await holds();
  await page.reload();
  await holds();
  await page.getByRole("link", { name: "Experiments", exact: true }).click();
  await page.getByRole("link", { name: "New experiment" }).first().click();
  await holds();

  // Another tab has a form of its own.
  const other = await page.context().newPage();
  await other.goto("/new");
  await expect(new Lab(other).field("Name")).toHaveValue("Modules of a tiny BERT");
  await other.close();

  // What is started is no draft any more.
  for (const task of ["Acceptability", "Questions"]) await lab.box(task).uncheck();
  for (const mask of ["full", "layernorms", "bitfit"]) await lab.mask(mask).uncheck();
  await lab.field("Learning rates").fill("1e-3");
  await lab.field("Seeds").fill("1");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/2$/);
  await page.goBack();
  await expect(lab.field("Name")).toHaveValue("Modules of a tiny BERT");
  await expect(restored(page)).toHaveCount(0);
});

test("a template and a study win over a draft, and do not lose it", async ({ page }) => {
  const lab = new Lab(page);
  await page.goto("/new");
  await lab.field("Name").fill("My own");
  await lab.field("Seeds").fill("7-9");
  await page.getByText("The paper's studies").click();
  await page.getByRole("link", { name: "Table 2: modules on tokens, quick" }).click();
  await expect(lab.field("Name")).toHaveValue("Table 2: modules on tokens, quick");
  const offer = page.getByText("You have an unfinished draft, “My own”.");
  await expect(offer).toBeVisible();

  // What is typed here is a draft of its own.
  await lab.field("Name").fill("Of the study");
  await page.getByRole("link", { name: "Restore it" }).click();
  await page.waitForURL("**/new");
  await expect(lab.field("Name")).toHaveValue("My own");
  await expect(lab.field("Seeds")).toHaveValue("7-9");
  await page.goBack();
  await expect(lab.field("Name")).toHaveValue("Of the study");

  // Discarded, the form begins as the study has it, and the other draft is offered.
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(lab.field("Name")).toHaveValue("Table 2: modules on tokens, quick");
  await expect(lab.field("Name")).toBeFocused();
  await expect(offer).toBeVisible();
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(offer).toHaveCount(0);
  await page.goto("/new");
  await expect(lab.field("Name")).toHaveValue("Modules of a tiny BERT");

  // Typed and taken back is nothing to keep.
  await lab.field("Name").fill("x");
  await lab.field("Name").fill("Modules of a tiny BERT");
  await page.reload();
  await expect(lab.field("Name")).toHaveValue("Modules of a tiny BERT");
  await expect(restored(page)).toHaveCount(0);
});

test("a draft is offered when its tab was closed, and each tab that is open has its own", async ({ page, context }) => {
  const open = async () => {
    const tab = await context.newPage();
    await tab.goto("/new");
    return { page: tab, name: new Lab(tab).field("Name") };
  };
  const first = await open();
  await first.name.fill("Left behind");
  await first.page.close();

  await page.goto("/new");
  const name = new Lab(page).field("Name");
  await expect(name).toHaveValue("Modules of a tiny BERT");
  const offer = page.getByText("You have an unfinished draft, “Left behind”.");
  await expect(offer).toBeVisible();
  await page.getByRole("link", { name: "Restore it" }).click();
  await expect(restored(page)).toBeVisible();
  await expect(name).toHaveValue("Left behind");
  await expect(name).toBeFocused();
  await page.reload();
  await expect(name).toHaveValue("Left behind");
  await expect(offer).toHaveCount(0);

  // Another tab types at the same address: neither loses what it has.
  const second = await open();
  await second.name.fill("Of the second");
  await name.fill("Of the first");
  for (const tab of [page, second.page]) await tab.reload();
  await expect(name).toHaveValue("Of the first");
  await expect(second.name).toHaveValue("Of the second");

  // Of all that were closed the last one comes first, and what is discarded does not come back.
  await name.fill("Of the first, later");
  for (const tab of [second.page, page]) await tab.close();
  const third = await open();
  const offered = third.page.getByText(/unfinished draft/);
  await expect(offered).toHaveText("You have an unfinished draft, “Of the first, later”.");
  await third.page.getByRole("button", { name: "Discard it" }).click();
  await expect(offered).toHaveText("You have an unfinished draft, “Of the second”.");
  await third.page.getByRole("button", { name: "Discard it" }).click();
  await third.page.reload();
  await expect(third.name).toHaveValue("Modules of a tiny BERT");
  await expect(offered).toHaveCount(0);
});

test("tabs that are open at once see each other's drafts, and none writes over another's", async ({
  page,
  context,
}) => {
  const offer = page.getByText(/unfinished draft/);
  await page.goto("/");
  const other = await context.newPage();
  await other.goto("/new");
  const theirs = new Lab(other).field("Name");
  await theirs.fill("First version");
  // A page that was there before it was typed offers it, as it is by now, though it was never loaded again.
  await page.getByRole("link", { name: "New experiment" }).first().click();
  await expect(offer).toHaveText("You have an unfinished draft, “First version”.");
  await theirs.fill("Second version");
  await expect(offer).toHaveText("You have an unfinished draft, “Second version”.");
  await page.getByRole("link", { name: "Restore it" }).click();
  const name = new Lab(page).field("Name");
  await expect(name).toHaveValue("Second version");
  // The other tab is still open, and goes on: each has its own from here on.
  await theirs.fill("Third version");
  await name.fill("Taken over");
  for (const tab of [page, other]) await tab.reload();
  await expect(name).toHaveValue("Taken over");
  await expect(theirs).toHaveValue("Third version");

  // A tab that this one opens begins with what this one remembers, and is another all the same.
  const opened = context.waitForEvent("page");
  await page.evaluate(() => void window.open("/new"));
  const copy = await opened;
  const copied = new Lab(copy).field("Name");
  await copied.fill("Of the copy");
  for (const tab of [page, copy]) await tab.reload();
  await expect(name).toHaveValue("Taken over");
  await expect(copied).toHaveValue("Of the copy");
});

test("a draft of another version of the page is dropped without a word", async ({ page }) => {
  await page.goto("/new");
  const lab = new Lab(page);
  await lab.field("Name").fill("Old");
  await page.evaluate(() => {
    const [key, kept] = Object.entries(localStorage).find(([key]) => key.startsWith("tunemask-drafts"))!;
    localStorage.setItem(key, String(kept).replace('"version":2', '"version":1'));
  });
  await page.reload();
  await expect(lab.field("Name")).toHaveValue("Modules of a tiny BERT");
  await expect(page.getByText(/draft|restored/)).toHaveCount(0);
});
