import { faults } from "../src/axe.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("experiments are renamed, tagged, found, put away and deleted", async ({ page, context }) => {
  const lab = new Lab(page);
  const short = { ...SHORT, masks: ["frozen"], seeds: "1", epochs: "1", train: "64" };
  await lab.begin({ ...short, name: "First" });
  await expect(lab.runs("finished")).toHaveCount(1);
  await lab.begin({ ...short, name: "Second", seeds: "2" });
  await expect(lab.runs("finished")).toHaveCount(1);

  await page.getByRole("button", { name: "Edit" }).click();
  const editor = page.getByRole("form", { name: "Name, note and tags" });
  await editor.getByLabel("Name").fill(" ");
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(editor.getByRole("alert")).toHaveText("give it a name");
  await editor.getByLabel("Name").fill("Second, with more seeds");
  await editor.getByLabel("Tags").fill("paper, draft, paper");
  await editor.getByLabel("Note").fill("For the appendix.\nAsk again.");
  expect(await faults(page, ".editor")).toEqual([]);
  await editor.getByRole("button", { name: "Save" }).click();
  await expect(editor).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Second, with more seeds");
  await expect(page.getByRole("list", { name: "Tags" }).getByRole("listitem")).toHaveText(["paper", "draft"]);
  await expect(page.getByText("For the appendix.")).toBeVisible();

  // Another page that is open knows it, too.
  const other = await context.newPage();
  await other.goto("/");
  const items = other.getByRole("main").getByRole("article");
  const search = other.getByRole("searchbox", { name: "Search experiments" });
  await expect(items).toHaveCount(2);
  await search.fill("APPENDIX paper");
  await expect(items).toHaveCount(1);
  await expect(items).toContainText("Second, with more seeds");
  await search.fill("nowhere");
  await expect(other.getByRole("status").filter({ hasText: "No experiment matches." })).toBeVisible();
  await search.fill("");

  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(page.getByRole("button", { name: "Unarchive" })).toBeVisible();
  await expect(items).toHaveCount(1);
  await other.getByLabel("Archived (1)").check();
  await expect(items).toHaveCount(2);

  // Deleting is asked first, says what goes, and can be left with Escape.
  await page.getByRole("button", { name: "Delete", exact: true }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Delete experiment #2/ });
  await expect(dialog.getByRole("status")).toHaveText(
    /^1 run that is in no other experiment is deleted with it, and \d+ MiB on the disk become free\.$/,
  );
  expect(await faults(page, "dialog[open]")).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.waitForURL(/\/$/);
  await expect(items).toHaveCount(1);
  await expect(items).toContainText("First");
  await page.reload();
  await expect(page.getByRole("article")).toHaveCount(1);
  // Its number is not given again.
  await lab.begin({ ...short, name: "Third", seeds: "2" });
  await expect(page).toHaveURL(/\/experiments\/3$/);
  await expect(lab.runs("finished")).toHaveCount(1);
});

test("an experiment of the same runs as another says so before and after it is started", async ({ page }) => {
  const lab = new Lab(page);
  const short = { ...SHORT, masks: ["frozen"], seeds: "1", epochs: "1", train: "64" };
  await lab.begin({ ...short, name: "First" });
  await expect(lab.runs("finished")).toHaveCount(1);
  await lab.begin({ ...short, name: "Second", seeds: "2" });
  await expect(lab.runs("finished")).toHaveCount(1);
  await expect(page.getByText("same runs as")).toHaveCount(0);
  await lab.begin({ ...short, name: "Third" });
  await expect(page.getByText("same runs as #1")).toBeVisible();
  await page.goto("/new?from=1");
  const plan = page.getByRole("list", { name: "Plan" });
  await expect(plan.getByRole("link", { name: "experiment #1" })).toBeVisible();
  await page.goto("/");
  const third = page.getByRole("main").getByRole("article").filter({ hasText: "Third" });
  await third.getByRole("link", { name: "#1" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("First");
});
