import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import type { Lab } from "../src/lab.ts";
import { expect, openFinished, test } from "../src/trained.ts";

const list = (page: Page) => page.getByRole("complementary", { name: "Runs in the charts" });
const lines = (lab: Lab) => lab.chart("Training loss").getByRole("img").first().getAttribute("aria-label");

/** An experiment that is over, of two masks at two learning rates. */
const finished = (page: Page) => openFinished(page, 3, 8);

test("runs are grouped by any field, in the charts and in the list", async ({ page }) => {
  const lab = await finished(page);
  const by = page.getByRole("group", { name: "Group by" });
  const group = (name: RegExp) => list(page).getByRole("checkbox", { name });
  await expect.poll(() => lines(lab)).toContain("8 lines");
  await by.getByRole("button", { name: "Mask" }).click();
  await expect.poll(() => lines(lab)).toContain("2 lines");
  await expect(page).toHaveURL(/group=mask/);
  await expect(page.getByText("its band one standard deviation to either side")).toBeVisible();
  await expect(lab.chart("Training loss").locator("path.band").first()).toBeAttached();
  await expect(group(/^layernorms, 4 runs$/)).toBeChecked();
  await expect(list(page).locator("li.group .best").first()).toHaveText(/^\d+\.\d$/);
  await expect(list(page).getByRole("switch")).toHaveCount(0);

  // With keys: unfolded, one hidden, the group then partly; the way back up and folded.
  await group(/^layernorms/).focus();
  await page.keyboard.press("ArrowRight");
  await expect(list(page).getByRole("switch")).toHaveCount(4);
  await page.keyboard.press("ArrowDown");
  await expect(list(page).getByRole("switch").first()).toBeFocused();
  await page.keyboard.press("Space");
  await expect(group(/^layernorms/)).toHaveAttribute("aria-checked", "mixed");
  await page.keyboard.press("ArrowLeft");
  await expect(group(/^layernorms/)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(list(page).getByRole("switch")).toHaveCount(0);
  // By mouse, and as a whole.
  await list(page).getByRole("button", { name: "Runs of frozen" }).click();
  await expect(list(page).getByRole("switch")).toHaveCount(4);
  await group(/^frozen/).click();
  await expect(group(/^frozen/)).not.toBeChecked();
  await expect.poll(() => lines(lab)).toContain("One line, layernorms");
  await list(page).getByRole("button", { name: "Draw all" }).click();
  expect(await faults(page, ".board")).toEqual([]);

  // More than one field; the address holds it.
  await by.getByRole("button", { name: "Seed" }).click();
  await expect.poll(() => lines(lab)).toContain("4 lines");
  await page.reload();
  await expect.poll(() => lines(lab)).toContain("4 lines");
  await expect(by.getByRole("button", { name: "Seed" })).toHaveAttribute("aria-pressed", "true");
  await by.getByRole("button", { name: "Mask" }).click();
  await by.getByRole("button", { name: "Seed" }).click();
  await by.getByRole("button", { name: "Status" }).click();
  await expect.poll(() => lines(lab)).toContain("One line, finished");
  await by.getByRole("button", { name: "Status" }).click();
  await expect.poll(() => lines(lab)).toContain("8 lines");
});

test("pinned runs stand first in the list and are drawn above all others", async ({ page }) => {
  const lab = await finished(page);
  const eyes = list(page).getByRole("switch");
  const last = "frozen · 5e-3 · seed 2";
  await eyes.getByText(last).hover();
  await list(page)
    .getByRole("button", { name: `Pin ${last}` })
    .click();
  await expect(eyes.first()).toHaveAccessibleName(last);
  const other = "frozen · 1e-3 · seed 2";
  await list(page).getByRole("switch", { name: other, exact: true }).focus();
  await page.keyboard.press("p");
  await expect(eyes.nth(1)).toHaveAccessibleName(other);
  await expect(eyes.nth(1)).toBeFocused();
  await expect(page).toHaveURL(/top=[0-9a-f]{16},[0-9a-f]{16}/);
  // Whatever the order and the grouping.
  await page.getByRole("checkbox", { name: "Mean over seeds" }).check();
  await expect.poll(() => lines(lab)).toContain("6 lines");
  await expect(eyes).toHaveCount(2);
  await page.reload();
  await expect(eyes.first()).toHaveAccessibleName(last);
  // The last line that a chart draws lies above the others: it has the style of the run that was pinned last.
  const style = await eyes.nth(1).locator(".sample path.line").getAttribute("class");
  const drawn = lab.chart("Learning rate").locator("g path.line");
  await expect(drawn.last()).toHaveAttribute("class", style!);
  await list(page)
    .getByRole("button", { name: `Pin ${last}` })
    .click();
  await expect(eyes).toHaveCount(1);
});

test("the list is made wider and narrower, by keys and by mouse, and stays so", async ({ page }) => {
  await finished(page);
  const separator = page.getByRole("separator", { name: "Width of the list of runs" });
  const width = async () => Math.round((await list(page).boundingBox())!.width);
  expect(await width()).toBe(352);
  await separator.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await expect(separator).toHaveAttribute("aria-valuenow", "400");
  await expect.poll(width).toBe(400);
  await page.keyboard.press("Home");
  await expect.poll(width).toBe(220);
  const box = (await separator.boundingBox())!;
  await page.mouse.move(box.x + 7, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 207, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await expect.poll(width).toBeGreaterThan(400);
  const wide = await width();
  await page.reload();
  await expect.poll(width).toBe(wide);
  await separator.focus();
  await page.keyboard.press("Enter");
  await expect.poll(width).toBe(352);
});

test("results, the list of runs and the first charts are on one screen", async ({ page }) => {
  const lab = await finished(page);
  await page.evaluate(() => window.scrollTo(0, 0));
  const bottom = async (part: import("@playwright/test").Locator) => {
    const box = (await part.boundingBox())!;
    return box.y + box.height;
  };
  expect(await bottom(lab.results)).toBeLessThan(900);
  expect(await bottom(list(page).getByRole("switch").nth(3))).toBeLessThan(900);
  expect(await bottom(lab.chart("Training loss").locator(".plot"))).toBeLessThan(900);
});
