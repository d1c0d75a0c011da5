import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

test("cancel ends what runs and what waits", async ({ page }) => {
  const wire = new Wire(page);
  const lab = new Lab(page);
  await lab.begin({ ...LONG, seeds: "1, 2" });
  await expect.poll(() => wire.points).toBeGreaterThan(0);
  await lab.cancelAll();
  await expect(lab.runs("cancelled")).toHaveCount(2);

  // The device is free: the next experiment trains to its end.
  await lab.begin({ ...SHORT, masks: ["frozen"], seeds: "1", epochs: "1" });
  await expect(lab.runs("finished")).toHaveCount(1);
});

test("pause holds the run between two steps, resume lets it go on", async ({ page }) => {
  const wire = new Wire(page);
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect.poll(() => wire.points).toBeGreaterThan(0);
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  // The queue is held, and the step at which the run stands stays the same.
  const step = async () => (await lab.runs("running").locator(".steps span").last().textContent())!;
  let held = "";
  const stands = async () => {
    const [before, now] = [held, `${await step()}, ${wire.points} points`];
    held = now;
    return before === now && (await lab.resume.isVisible());
  };
  await expect.poll(stands, { timeout: 60_000, intervals: [2000] }).toBe(true);
  const points = wire.points;
  await lab.resume.click();
  await expect.poll(() => wire.points).toBeGreaterThan(points);
});

test("a second tab shows the same state", async ({ page, context }) => {
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect(lab.runs("running")).toHaveCount(1);
  const tab = await context.newPage();
  const wire = new Wire(tab);
  await tab.goto(page.url());
  const other = new Lab(tab);
  await expect(other.runs("running")).toHaveCount(1);
  await expect.poll(() => wire.points).toBeGreaterThan(0);

  await other.pause.click();
  await expect(lab.resume).toBeVisible();
  await other.cancelAll();
  for (const one of [lab, other]) await expect(one.runs("cancelled")).toHaveCount(1);
});
