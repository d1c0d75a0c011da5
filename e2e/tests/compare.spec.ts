import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { test as looked } from "../src/trained.ts";

const table = (page: Page, name: RegExp) => page.getByRole("region", { name }).getByRole("table");
const members = (page: Page) => page.getByRole("list", { name: "What is compared" });

/** How many lines a chart draws, as it says itself. */
const lines = (lab: Lab, chart: string) => lab.chart(chart).getByRole("img").first().getAttribute("aria-label");

async function trained(page: Page, name: string, epochs: string): Promise<Lab> {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name, epochs, train: "128" });
  await expect(lab.runs("finished")).toHaveCount(4, { timeout: 60_000 });
  return lab;
}

test("experiments that are chosen in their list stand beside each other, with their tests, at an address of their own", async ({
  page,
}) => {
  await trained(page, "Two epochs", "2");
  const lab = await trained(page, "Three epochs", "3");
  await page.goto("/");
  await page.getByRole("checkbox", { name: "Choose Two epochs to be compared" }).check();
  await expect(page.getByText("Choose another to compare them.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Choose Three epochs to be compared" }).check();
  await page.getByRole("link", { name: "Compare 2" }).click();
  await page.waitForURL("**/compare?of=1,2");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("2 experiments compared");

  // Only what differs, a column each; the rest in one line that unfolds.
  const settings = table(page, /in which they differ/);
  await expect(settings.getByRole("rowheader")).toHaveText(["Name", "Epochs"]);
  await expect(settings.getByRole("row", { name: /^Epochs/ }).getByRole("cell")).toHaveText(["2", "3"]);
  const equal = page.locator("summary", { hasText: /^\d+ settings are equal$/ });
  await expect(table(page, /Settings that are equal/)).toBeHidden();
  await equal.click();
  await expect(table(page, /Settings that are equal/).getByRole("rowheader", { name: "Seeds" })).toBeVisible();

  // The same charts as everywhere: a line for each mask of each experiment, a crosshair on all.
  await expect.poll(() => lines(lab, "Training loss")).toContain("4 lines");
  // A chart draws when it is in sight.
  await lab.chart("Sentiment accuracy").scrollIntoViewIfNeeded();
  await expect(lab.chart("Sentiment accuracy").locator("path.band").first()).toBeAttached();
  await page.getByRole("radio", { name: "Epoch" }).check();
  await expect(page).toHaveURL(/of=1,2&axis=epoch/);

  // Scores with the best marked, and what bold means.
  const scores = table(page, /Scores beside each other/);
  await expect(scores.getByRole("row")).toHaveCount(3);
  await expect(page.getByText("Bold: the best of each row.")).toBeVisible();
  await expect(scores.locator("b")).not.toHaveCount(0);

  // Two seeds tell of these models, not of the method.
  const tests = table(page, /Tests against the baseline/);
  await expect(tests.getByRole("row")).toHaveCount(3);
  await expect(tests).toContainText("Of the method that says nothing: 2 seeds cannot tell how training varies");
  expect(await faults(page)).toEqual([]);

  // The address holds all of it.
  await page.reload();
  await expect.poll(() => lines(lab, "Training loss")).toContain("4 lines");
  await page.getByRole("link", { name: "Make #2 Three epochs the baseline" }).click();
  await page.waitForURL("**/compare?of=2,1");
  await expect(members(page).getByRole("listitem").first()).toContainText("Three epochs");
  await expect(table(page, /Tests against the baseline/)).toContainText("#1 − #2");
  // A score leads to the runs behind it, in their experiment.
  await scores.getByRole("link").first().click();
  await page.waitForURL(/\/experiments\/2\?.*runs=/);
});

test("runs are chosen by mouse and keys, across experiments, and tested as what they are", async ({ page }) => {
  await trained(page, "First", "2");
  const lab = await trained(page, "Second", "3");
  const runs = page.getByRole("complementary", { name: "Runs in the charts" });
  await runs.getByRole("switch", { name: "layernorms · seed 1", exact: true }).focus();
  await page.keyboard.press("x");
  const bar = runs.getByRole("group", { name: "Chosen to be compared" });
  await expect(bar.getByRole("status")).toHaveText("1 run chosen");
  await runs.getByRole("switch", { name: "frozen · seed 1", exact: true }).hover();
  await runs.getByRole("checkbox", { name: "Choose frozen · seed 1 to be compared" }).check();
  await expect(bar.getByRole("status")).toHaveText("2 runs chosen");

  // What is chosen stays chosen in another experiment.
  await page.getByRole("banner").getByRole("link", { name: "Experiments" }).click();
  await page.getByRole("link", { name: "First", exact: true }).click();
  await runs.getByRole("switch", { name: "layernorms · seed 1", exact: true }).focus();
  await page.keyboard.press("x");
  await bar.getByRole("link", { name: "Compare 3" }).click();
  await page.waitForURL(/\/compare\?of=2:[0-9a-f]{16},2:[0-9a-f]{16},1:[0-9a-f]{16}$/);
  await expect(members(page).getByRole("listitem")).toHaveCount(3);
  await expect(members(page)).toContainText("#2 · layernorms");
  await expect.poll(() => lines(lab, "Training loss")).toContain("3 lines");
  await expect(table(page, /in which they differ/).getByRole("rowheader")).toHaveText(["Name", "Masks", "Epochs"]);
  const tests = table(page, /Tests against the baseline/);
  await expect(tests).toContainText("these two models");
  await expect(tests).toContainText("Of the method that says nothing: 1 seed cannot tell");

  // Left out again; the way from a run's own page.
  await page.getByRole("link", { name: "Leave #2 · frozen out" }).click();
  await expect(members(page).getByRole("listitem")).toHaveCount(2);
  await members(page).getByRole("link").first().click();
  await page.waitForURL(/\/experiments\/2\/runs\//);
  await page.getByText("Compare with…").click();
  await page.getByRole("searchbox", { name: "Find a run to compare with" }).fill("frozen seed 2");
  await page.getByRole("link", { name: "frozen · seed 2" }).click();
  await page.waitForURL(/\/compare\?of=2:/);
  await expect(members(page).getByRole("listitem")).toHaveCount(2);
  await expect(table(page, /Scores beside each other/).getByRole("row")).toHaveCount(2);
});

looked("an address that compares nothing says why", async ({ page }) => {
  for (const [address, why] of [
    ["/compare", "Nothing is chosen"],
    ["/compare?of=1", "Only one is chosen"],
    ["/compare?of=1,banana", "banana"],
    ["/compare?of=1,1:0a", "compare runs with runs"],
    ["/compare?of=1,99", "There is no experiment 99; it may have been deleted."],
    ["/compare?of=1:0000000000000000,1:0000000000000001", "There is no run 0000000000000000 in experiment 1."],
  ] as const) {
    await page.goto(address);
    await expect(page.getByRole("main")).toContainText(why);
  }
});
