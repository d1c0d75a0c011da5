import { faults } from "../src/axe.ts";
import { expect, openFinished, test } from "../src/trained.ts";

test("a map shows how far a run moved each module, and each cell leads to its weights before and after", async ({
  page,
}) => {
  const lab = await openFinished(page, 1, 12);
  await lab.tab("Weights").click();
  const figure = (name: string | RegExp) =>
    page.getByRole("figure").filter({ has: page.getByRole("heading", { name, exact: true }) });
  // Without a run there is nothing that moved.
  await expect(figure("Attention, all blocks")).toBeVisible();
  await expect(figure(/^Drift of/)).toHaveCount(0);
  await expect(figure("Attention, all blocks").locator("path.after")).toHaveCount(0);

  await page.getByRole("link", { name: /^layernorms, Sentiment/ }).click();
  const drift = figure(/^Drift of builtin:tiny/);
  await expect(page.getByText("‖after − before‖ / ‖before‖")).toBeVisible();
  const cells = drift.getByRole("button", { name: /drift|no drift/ });
  const blocks = (await cells.count()) / 6 - 1;
  expect(blocks).toBeGreaterThan(1);
  // What is frozen did not move, and what trained did.
  await expect(drift.getByRole("button", { name: "Attention, block 1: drift 0 %" })).toHaveCount(1);
  const gamma = drift.getByRole("button", { name: /^LayerNorm A, γ, block 2: drift/ });
  await expect(gamma).toHaveAccessibleName(/drift (?!0 %)[\d.e-]+ %/);

  // By keys from cell to cell, and from a cell to its weights.
  await cells.first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(gamma).toBeFocused();
  await expect(drift.locator(".said")).toContainText("LayerNorm A, γ, block 2");
  await page.keyboard.press("Enter");
  const alone = figure("LayerNorm A, γ, block 2");
  await expect(alone).toBeVisible();
  await expect(page.getByRole("combobox", { name: /^Module/ })).toHaveValue("1");
  await expect(page.getByRole("combobox", { name: /^Block/ })).toHaveValue("2");
  // The bins can be read, and hold nearly all of the weights before and after.
  const bins = alone.locator(".target");
  await expect(bins).toHaveCount(40);
  const said = await bins.evaluateAll((all) => all.map((bin) => bin.getAttribute("aria-label")!));
  const sum = (what: string) =>
    said.map((text) => Number(new RegExp(`${what} ([\\d.e-]+) %`).exec(text)![1])).reduce((a, b) => a + b);
  expect(sum("pretrained")).toBeGreaterThan(95);
  expect(sum("tuned")).toBeGreaterThan(80);

  // The blocks beside each other lead to their own, too.
  const beside = figure("LayerNorm A, γ, block by block");
  await expect(beside.getByRole("button", { name: /^block \d+: pretrained mean/ })).toHaveCount(blocks);
  await beside.getByRole("button", { name: /^block 1: / }).click();
  await expect(figure("LayerNorm A, γ, block 1")).toBeVisible();

  const saved = async (name: string) => (await lab.save(page.getByRole("button", { name }))).text;
  const csv = (await saved("Download Drift of builtin:tiny by module and block as CSV")).trim().split("\n");
  expect([csv[0], csv.length]).toEqual(["module,block,scalars,drift", 1 + 6 * (blocks + 1)]);
  expect(await saved("Download LayerNorm A, γ, block 1 as SVG")).toContain("<svg");

  // γ and β of a LayerNorm move with the slider over the epochs; what they were stays behind them.
  const norm = figure("LayerNorm of block 1, after attention");
  await expect(norm).toBeVisible();
  const points = async (of: string) => (await norm.locator(`path.${of}`).first().getAttribute("d"))!;
  const slider = page.getByRole("slider", { name: /^Epoch/ });
  await expect(slider).toHaveAttribute("aria-valuetext", "epoch 1");
  expect(await points("now")).not.toBe(await points("then"));
  await slider.press("Home");
  await expect(slider).toHaveAttribute("aria-valuetext", "as pretrained");
  expect(await points("now")).toBe(await points("then"));
  await page.getByRole("combobox", { name: /^LayerNorm/ }).selectOption({ label: "block 2, after feed-forward" });
  await expect(figure("LayerNorm of block 2, after feed-forward").locator(".target").first()).toHaveAccessibleName(
    /^[γβ] at position \d+: .* σ (above|below) the mean; pretrained /,
  );
  expect(await faults(page)).toEqual([]);
});
