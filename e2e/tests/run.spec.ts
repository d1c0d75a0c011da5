import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("a run has a page: curves, scores, settings, proof, and files that are there", async ({ page }) => {
  const lab = new Lab(page);
  await lab.finish({ ...SHORT, name: "One", seeds: "1", train: "64" }, 2);
  await lab.runs("finished").getByRole("link", { name: "layernorms" }).click();
  await page.waitForURL(/\/experiments\/1\/runs\/[0-9a-f]{16}$/);
  const run = page.url().split("/").at(-1)!;
  await expect(page.getByRole("heading", { level: 1 })).toContainText("layernorms");
  await expect(page.getByText("finished", { exact: true })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: /^Epoch 2/ })).toBeVisible();
  await expect(lab.chart("Training loss").locator("path.line")).toHaveCount(1);
  await expect(page.getByText("unchanged, bit for bit")).toBeVisible();
  await expect(page.getByRole("button", { name: /first$/ })).toHaveCount(0);
  // What happened to it, the latest first; when it was saved on the way a clock decides.
  const lines = page.getByRole("region", { name: /^Log of the run/ }).getByRole("listitem");
  await expect(lines.filter({ hasNotText: "Checkpoint" })).toHaveText([
    /Finished after .* of training; epoch [12] is the best$/,
    /Evaluated after epoch 2, step 8: accuracy [\d.]+, loss [\d.]+$/,
    /Evaluated after epoch 1, step 4: accuracy [\d.]+, loss [\d.]+$/,
    /Started on cpu of .*: 8 steps$/,
    /Queued$/,
  ]);
  const at = await lines.last().locator("time").innerText();
  expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(120_000);

  const save = (name: string) => lab.save(page.getByRole("link", { name }));
  const steps = await save("Steps as CSV");
  expect(steps.name).toBe(`${run}.csv`);
  // 64 examples, 16 a step, 2 epochs; and the head.
  expect(steps.text.trim().split("\n").length).toBe(9);
  const delta = await save("What it trained");
  expect(delta.name).toBe(`${run}.delta.safetensors`);
  // A safetensors file begins with the length of its header, which is JSON.
  expect(JSON.parse(delta.bytes.subarray(8, 8 + Number(delta.bytes.readBigUInt64LE())).toString())).toHaveProperty(
    "__metadata__",
  );
  const model = await save("Model as a Hugging Face folder");
  expect([model.name, model.bytes.includes("model.safetensors")]).toEqual([`${run}.tar`, true]);

  await page.getByRole("link", { name: "Show in the experiment's charts" }).click();
  await expect(lab.runs("finished")).toHaveCount(1);
  await page.goto("/experiments/1/runs/none");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("No run none in experiment 1");
});

test("a run's log grows as things happen to it, is bounded, read by keys and at 320 px", async ({ page }) => {
  const lab = new Lab(page);
  const epochs = 240;
  const short = { seeds: "1", epochs: String(epochs), train: "16", evaluation: "8" };
  await lab.fill({ ...SHORT, ...short, name: "Long log", masks: ["frozen"] });
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+$/);
  await lab.runs("queued").getByRole("link", { name: "frozen" }).click();
  await page.waitForURL(/\/runs\//);
  const log = page.getByRole("region", { name: /^Log of the run/ });
  const lines = log.getByRole("listitem");
  await expect(lines).toHaveText([/Queued$/]);
  await lab.resume.click();
  await expect(lines.first()).toContainText(/Evaluated after epoch \d+, step \d+: accuracy/);

  // In the end the last lines are there, and how many were before them is said.
  await expect(lines.first()).toContainText("Finished after", { timeout: 90_000 });
  await expect(lines).toHaveCount(200);
  const earlier = page.getByRole("region", { name: "Log", exact: true }).getByText(/^\d+ lines before these$/);
  // Each epoch has one, beside how it began and ended.
  expect(parseInt(await earlier.innerText())).toBeGreaterThanOrEqual(epochs + 3 - 200);

  const top = () => log.evaluate((element) => element.scrollTop);
  await log.focus();
  await page.keyboard.press("End");
  await expect.poll(top).toBeGreaterThan(1000);
  await page.setViewportSize({ width: 320, height: 700 });
  const wide = await log.evaluate((element) => [
    element.scrollWidth - element.clientWidth,
    document.documentElement.scrollWidth - innerWidth,
  ]);
  expect(wide).toEqual([0, 0]);
});
