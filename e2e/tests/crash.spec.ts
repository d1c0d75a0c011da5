import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

test("kill -9 loses nothing that was shown, and the next start says what was interrupted", async ({
  page,
  program,
}) => {
  const shown = new Wire(page);
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect.poll(() => shown.points, { timeout: 60_000 }).toBeGreaterThan(50);
  await program.kill();
  const [seq, losses] = [shown.seq, shown.losses];
  await expect(lab.sign).toHaveText("Reconnecting");

  // The page comes back by itself.
  await program.launch();
  await expect(lab.sign).toHaveText("Live");
  await expect(lab.runs("interrupted")).toHaveCount(1);

  // A new page is told all of it.
  const again = new Wire(page);
  await page.reload();
  await expect(lab.runs("interrupted")).toHaveCount(1);
  await expect.poll(() => again.points).toBeGreaterThan(0);
  expect(again.seq).toBeGreaterThan(seq);
  for (const [run, points] of losses) {
    for (const [step, loss] of points) expect(again.losses.get(run)?.get(step), `step ${step}`).toBe(loss);
  }
});

test("a run that kill -9 interrupted is tried again in the browser and ends as if nothing had been", async ({
  page,
  program,
}) => {
  const shown = new Wire(page);
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Killed", masks: ["layernorms"], seeds: "1", epochs: "6", train: "1024" });
  // It is held in the middle, on a fast machine too.
  await expect.poll(() => shown.points, { intervals: [20] }).toBeGreaterThan(0);
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await expect(lab.runs("running")).toHaveCount(1);
  await program.kill();
  const [before] = shown.losses.values();
  await program.launch();
  await expect(lab.sign).toHaveText("Live");
  await expect(lab.runs("interrupted")).toHaveCount(1);
  await expect(lab.runs("interrupted")).toContainText(/the program ended; Retry (continues from step|starts it again)/);

  await lab.runs("interrupted").getByRole("link", { name: "layernorms" }).click();
  await page.waitForURL(/\/runs\//);
  const log = page.getByRole("region", { name: /^Log of the run/ }).getByRole("listitem");
  await expect(log.first()).toContainText("Interrupted: the program ended");
  await page.getByRole("button", { name: /^Retry / }).click();
  await expect(log.first()).toContainText("Queued");
  await lab.resume.click();
  await expect(log.first()).toContainText("Finished after", { timeout: 60_000 });
  const lines = (await log.allInnerTexts()).reverse().join("\n");
  expect(lines).toMatch(/Queued[^]*Started on cpu[^]*Interrupted[^]*Queued[^]*(Started|Continued) on cpu[^]*Finished/);

  // No step is missing, and none has another loss than before.
  const again = new Wire(page);
  await page.reload();
  await expect.poll(() => again.points).toBe((6 * 1024) / 16);
  const [after] = again.losses.values();
  expect([...after!.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 384 }, (_, i) => i + 1));
  expect(before!.size).toBeGreaterThan(0);
  for (const [step, loss] of before!) expect(after!.get(step), `step ${step}`).toBe(loss);
});
