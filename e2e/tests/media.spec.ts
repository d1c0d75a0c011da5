import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("on paper an experiment is its figures and tables, with every row and nothing to press", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Paper", seeds: "1, 2, 3, 4, 5, 6, 7, 8", train: "32", epochs: "1" });
  await expect(lab.progress).toContainText("16 of 16 finished", { timeout: 60_000 });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.getByRole("region", { name: "Table of runs" }).locator("tbody tr")).toHaveCount(16);
  await expect(lab.chart("Training loss")).toBeVisible();
  await expect(lab.results).toBeVisible();
  for (const gone of ["Cancel experiment", "Use as template", "Pause queue", "Draw none"])
    await expect(page.getByText(gone, { exact: true }).filter({ visible: true }), gone).toHaveCount(0);
  // Paper is light, whatever the screen is.
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red, green, blue] = /(\d+), (\d+), (\d+)/.exec(ground)!.slice(1).map(Number) as [number, number, number];
  expect(Math.min(red, green, blue)).toBeGreaterThan(230);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
});

test("with a reader's own colours, what is chosen still differs from what is not", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Forced", seeds: "1", train: "32", epochs: "1" });
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  const ground = (of: string) =>
    page
      .locator(of)
      .filter({ visible: true })
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  const here = await ground(".segments input:checked + span");
  expect(here).not.toBe(await ground(".segments input:not(:checked) + span"));
  expect(await ground(".tabs a[aria-current]")).not.toBe(await ground(".tabs a:not([aria-current])"));
  // Lines keep the colours that the list of runs names.
  const colours = await lab
    .chart("Training loss")
    .locator("path.line")
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).stroke));
  expect(new Set(colours).size).toBe(2);
});

test("who wants no motion sees none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect(lab.runs("running")).toHaveCount(1);
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
});

test("a run that fails has a cross on its line, and the way out beside the reason", async ({ page, program }) => {
  const lab = new Lab(page);
  await lab.fill({ ...LONG, name: "No room", epochs: "4", train: "512" });
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  // Nothing can be written where the run's weights would go.
  await rm(join(program.home, "runs"), { recursive: true, force: true });
  await writeFile(join(program.home, "runs"), "");
  await lab.resume.click();
  await expect(lab.runs("failed")).toHaveCount(1, { timeout: 60_000 });
  const loss = lab.chart("Training loss");
  await expect(loss.locator("path.failure")).toHaveCount(1);
  await expect(loss.getByRole("img")).toHaveAttribute("aria-label", /1 run failed/);
  await expect(page.getByRole("list", { name: "Failures" }).getByRole("listitem")).toHaveCount(1);
  await rm(join(program.home, "runs"));
  await page.getByRole("button", { name: "Retry 1 run" }).first().click();
  await expect(lab.runs("finished")).toHaveCount(1, { timeout: 100_000 });
  await expect(loss.locator("path.failure")).toHaveCount(0);
});

test("the learning rate is drawn before it runs, and follows the protocol as one types", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({ ...SHORT, rates: "1e-3, 5e-4", epochs: "4", train: "160" });
  const panel = page.locator("details").filter({ has: page.getByRole("heading", { name: "Schedule" }) });
  await panel.locator("summary").click();
  const picture = panel.getByRole("img").first();
  await expect(picture).toHaveAttribute("aria-label", /Peaks: 1e-3, 5e-4\. Sentiment: 40 steps, 4 of warm-up\./);
  const row = panel.getByRole("table").getByRole("row").nth(1);
  // 160 examples in batches of 16, four times, a tenth of it warm-up.
  await expect(row.getByRole("cell")).toHaveText(["4", "10", "40", "4"]);
  const curve = () => picture.locator("path.line").first().getAttribute("d");
  const linear = await curve();
  await lab.field("Learning rate after the warm-up").selectOption("stays as it is");
  await expect.poll(curve).not.toBe(linear);
  await lab.field("Epochs").fill("2");
  await expect(row.getByRole("cell")).toHaveText(["2", "10", "20", "2"]);
});
