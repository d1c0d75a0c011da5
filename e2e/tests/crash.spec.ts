import { Lab, LONG } from "../src/lab.ts";
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
