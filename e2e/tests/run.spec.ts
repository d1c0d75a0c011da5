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
