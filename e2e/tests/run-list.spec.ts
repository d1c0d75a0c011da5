import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import type { Lab } from "../src/lab.ts";
import { expect, openFinished, test } from "../src/trained.ts";

const list = (page: Page) => page.getByRole("complementary", { name: "Runs in the charts" });
/** How many lines a chart draws, as it says itself. */
const lines = async (lab: Lab) =>
  (await lab.chart("Learning rate").getByRole("img").getAttribute("aria-label"))!.replace(/^Learning rate\. /, "");

test("runs are hidden, shown alone, found and pointed at beside their charts", async ({ page }) => {
  const lab = await openFinished(page, 3, 8);
  const runs = list(page);
  const eye = (name: string) => runs.getByRole("switch", { name, exact: true });
  await expect(runs.getByRole("switch")).toHaveCount(8);
  await expect(runs.getByRole("status").first()).toHaveText("8 drawn");
  expect(await lines(lab)).toContain("8 lines");

  // One is hidden by its eye, another is drawn alone; both stand in the address.
  await eye("layernorms · 1e-3 · seed 1").click();
  await expect(runs.getByRole("status").first()).toHaveText("7 of 8 drawn");
  await expect.poll(() => lines(lab)).toContain("7 lines");
  await page.reload();
  await expect(eye("layernorms · 1e-3 · seed 1")).toHaveAttribute("aria-checked", "false");
  await eye("frozen · 5e-3 · seed 2").hover();
  await runs.getByRole("button", { name: "Only frozen · 5e-3 · seed 2" }).click();
  await expect(runs.getByRole("status").first()).toHaveText("1 of 8 drawn");
  await expect.poll(() => lines(lab)).toContain("One line, frozen · 5e-3 · seed 2");
  await runs.getByRole("button", { name: "Draw none" }).click();
  await expect(lab.chart("Training loss")).toContainText("All runs are hidden");
  await runs.getByRole("button", { name: "Draw all" }).click();
  await expect.poll(() => lines(lab)).toContain("8 lines");

  // Words filter list, charts and table alike.
  await runs.getByRole("searchbox", { name: "Filter runs" }).fill("layer 5e-3");
  await expect(runs.getByRole("switch")).toHaveCount(2);
  await expect(lab.runs("finished")).toHaveCount(2);
  await expect(page).toHaveURL(/q=layer%205e-3/);
  // Between slashes stands a regular expression; what is not one says so and finds nothing.
  const search = runs.getByRole("searchbox", { name: "Filter runs" });
  await search.fill("/^(mha|frozen)$/");
  await expect(lab.runs("finished")).toHaveCount(4);
  await search.fill("/(frozen/");
  await expect(search).toHaveAttribute("aria-invalid", "true");
  await expect(runs.getByText(/^Not a regular expression: /)).toBeVisible();
  await expect(lab.runs("finished")).toHaveCount(0);
  await search.fill("layer 5e-3");
  await expect(lab.runs("finished")).toHaveCount(2);
  await runs.getByRole("searchbox", { name: "Filter runs" }).fill("");

  // With keys alone.
  await eye("layernorms · 1e-3 · seed 1").focus();
  await page.keyboard.press("ArrowDown");
  await expect(eye("layernorms · 1e-3 · seed 2")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(eye("layernorms · 1e-3 · seed 2")).toHaveAttribute("aria-checked", "false");
  await page.keyboard.press("o");
  await expect(runs.getByRole("status").first()).toHaveText("1 of 8 drawn");
  await page.keyboard.press("o");
  await page.keyboard.press("End");
  await expect(eye("frozen · 5e-3 · seed 2")).toBeFocused();
  expect(await faults(page, ".run-list")).toEqual([]);

  // A line that is pointed at is marked in the list and in the values, and the other way round.
  await eye("frozen · 1e-3 · seed 1").hover();
  await expect(lab.chart("Learning rate").locator(".over path").first()).toBeVisible();
  const plot = lab.chart("Sentiment accuracy").locator(".plot");
  const box = (await plot.boundingBox())!;
  const near = runs.locator("li.near");
  await page.mouse.move(2, 2);
  await expect(near).toHaveCount(0);
  // Where every line passes, from the top down until one is met.
  for (let y = 12; y < box.height - 26 && (await near.count()) === 0; y += 8) {
    await page.mouse.move(box.x + box.width * 0.75, box.y + y);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await expect(near).toHaveCount(1);
  const name = await near.locator(".name").innerText();
  await expect(lab.chart("Sentiment accuracy").locator(".values .near .name")).toHaveText(name);
});
