import { expect, test } from "../src/test.ts";
import { Lab } from "../src/lab.ts";

// From the first visit of an empty program, with one click, to the first point of a line, the first score in the table of results, and
// the end. `TUNEMASK=target/release/tunemask` for figures of what users run.
test("first visit to first result", async ({ page }) => {
  test.setTimeout(600_000);
  const begin = performance.now();
  const since = () => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
  await page.goto("/");
  await page.getByRole("link", { name: "New experiment" }).first().waitFor();
  console.log(`page: ${since()}`);
  await page.goto("/new");
  const lab = new Lab(page);
  await lab.start.click();
  console.log(`started: ${since()}`);
  await expect(lab.chart("Training loss").locator("path.line").first()).toBeVisible();
  console.log(`first line: ${since()}`);
  await expect(lab.results.locator("td a").first()).toBeVisible({ timeout: 300_000 });
  console.log(`first result: ${since()}`);
  await expect(lab.progress).toContainText(/^\s*(\d+) of \1 finished/, { timeout: 500_000 });
  console.log(`end: ${since()}`);
});
