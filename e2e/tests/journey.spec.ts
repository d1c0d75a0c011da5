import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

test("configure, start, watch points arrive, reload mid-run, finish, read the table", async ({ page }) => {
  const wire = new Wire(page);
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, epochs: "4", train: "2048" });

  // Points arrive; then it waits in the middle, on a fast machine too.
  await expect.poll(() => wire.points, { intervals: [20] }).toBeGreaterThan(0);
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  // They are drawn, and the tab says how far it is.
  await expect(page).toHaveTitle(/^\d+ % · Short · Tunemask$/);
  const loss = lab.chart("Training loss");
  await expect(loss.locator("path").first()).toBeVisible();

  // A page that comes back knows every point it had, with the same losses.
  const before = wire.losses;
  const after = new Wire(page);
  await page.reload();
  await expect(loss.locator("path").first()).toBeVisible();
  await expect.poll(() => after.points).toBeGreaterThanOrEqual([...before.values()].reduce((n, l) => n + l.size, 0));
  for (const [run, losses] of before) {
    for (const [step, value] of losses) expect(after.losses.get(run)?.get(step), `${run}, step ${step}`).toBe(value);
  }

  // Every run ends, and no step is missing.
  await lab.resume.click();
  await expect(lab.runs("finished")).toHaveCount(4, { timeout: 100_000 });
  await expect(page).toHaveTitle("Done · Short · Tunemask");
  for (const [run, losses] of after.losses) {
    const steps = [...losses.keys()].sort((a, b) => a - b);
    expect(steps, run).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
    // 2048 examples, 16 a step, 4 epochs.
    expect(steps.length, run).toBe(512);
  }

  // The table has a row for each mask, with mean ± deviation in per cent.
  for (const mask of ["layernorms", "frozen"]) {
    const row = lab.results.getByRole("row").filter({ has: page.getByRole("rowheader", { name: mask }) });
    await expect(row).toHaveText(/\d+\.\d+ ± \d+\.\d+[^]*· n 2\s*$/);
  }
});

test("one click on a fresh page trains", async ({ page }) => {
  const wire = new Wire(page);
  const lab = new Lab(page);
  await page.goto("/new");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1/);
  await expect.poll(() => wire.points).toBeGreaterThan(0);
});
