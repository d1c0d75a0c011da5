import type { Locator, Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** The painter of masks. */
class Painter {
  readonly group: Locator;

  constructor(readonly page: Page) {
    this.group = page.getByRole("group", { name: "Paint a mask" });
  }

  place(name: string): Locator {
    return this.group.getByRole("checkbox", { name, exact: true });
  }

  get text(): Locator {
    return this.group.getByLabel("Mask as text");
  }

  get count(): Locator {
    return this.group.getByRole("status");
  }

  get use(): Locator {
    return this.group.getByRole("button", { name: /the experiment$/ });
  }

  button(name: string): Locator {
    return this.group.getByRole("button", { name, exact: true });
  }

  /** Presses the mouse on a place, moves over others, and lets go. */
  async drag(...names: string[]): Promise<void> {
    const [first, ...others] = names;
    await this.place(first!).hover();
    await this.page.mouse.down();
    for (const name of others) await this.place(name).hover();
    await this.page.mouse.up();
  }
}

test("a mask is painted by mouse, used, and trained", async ({ page }) => {
  const lab = new Lab(page);
  const painter = new Painter(page);
  await lab.fill({ ...SHORT, name: "Painted", masks: ["frozen"], seeds: "1" });
  await expect(painter.text).toHaveValue("frozen");
  await painter.drag("Block 1, LayerNorm A", "Block 2, LayerNorm A");
  await expect(painter.text).toHaveValue("layers(1-2).ln_a");
  await expect(painter.place("Block 1, LayerNorm A")).toHaveAttribute("aria-checked", "true");
  await expect(painter.place("Block 1")).toHaveAttribute("aria-checked", "mixed");
  // A row's name paints the row: then it is the paper's mask.
  await painter.place("All blocks, LayerNorm A").click();
  await expect(painter.text).toHaveValue("layernorm_a");
  await painter.place("All blocks, LayerNorm F").click();
  await expect(painter.text).toHaveValue("layernorms");
  // A stroke that begins on what is painted wipes.
  await painter.drag("Block 1, LayerNorm F", "Block 1, LayerNorm A");
  await expect(painter.place("Block 1")).toHaveAttribute("aria-checked", "false");
  await expect(painter.text).toHaveValue(/^layers\(2-\d+\)\.ln$/);
  await painter.group.getByLabel("biases, β").check();
  await painter.place("Block 1").click();
  await expect(painter.text).toHaveValue(/layers\(1\)\.bias/);
  await expect(painter.place("Block 1")).toHaveAttribute("aria-checked", "true");
  await painter.button("Undo").click();
  await expect(painter.text).toHaveValue(/^layers\(2-\d+\)\.ln$/);
  await expect(painter.count).toHaveText(/^[\d,]+ parameters train, [\d.]+ % of the model$/);

  const mask = await painter.text.inputValue();
  await painter.use.click();
  await expect(painter.use).toBeDisabled();
  await expect(lab.field("Masks of your own")).toHaveValue(mask);
  const row = page.getByRole("row").filter({ has: page.getByRole("button", { name: `Remove ${mask}` }) });
  await expect(row).toHaveCount(1);
  const trained = (await painter.count.innerText()).split(" ")[0]!;
  await expect(row).toContainText(trained);
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  await expect(lab.runs("finished").filter({ hasText: mask })).toHaveCount(1, { timeout: 60_000 });
});

test("a mask is painted with keys alone, and text and picture are one thing", async ({ page }) => {
  const painter = new Painter(page);
  await page.goto("/new");
  await painter.place("Block 1, LayerNorm F").focus();
  // One stop of the Tab key; arrows move, space paints, shift paints on.
  await page.keyboard.press("ArrowRight");
  await expect(painter.place("Block 2, LayerNorm F")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(painter.text).toHaveValue("layers(2).ln_f");
  await page.keyboard.press("Shift+ArrowDown");
  await expect(painter.text).toHaveValue("layers(2).ln_f + layers(2).output");
  await page.keyboard.press("Home");
  await expect(painter.place("All blocks, output")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(painter.text).toHaveValue("layers(2).ln_f + layers(*).output");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(painter.place("Whole model")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(painter.text).toHaveValue("full");
  await page.keyboard.press("Tab");
  await expect(painter.group.getByLabel("Which scalars train")).toBeFocused();

  await painter.text.fill("layers(2).query.weight");
  await expect(painter.place("Block 2, query")).toHaveAttribute("aria-checked", "mixed");
  await expect(painter.place("Block 1, query")).toHaveAttribute("aria-checked", "false");
  await painter.text.fill("layers(2).query.wei");
  await expect(painter.text).toHaveAttribute("aria-invalid", "true");
  await expect(painter.use).toBeDisabled();
  await expect(painter.count).toContainText("wei");
  await painter.text.fill("layers(77).mha");
  await expect(painter.count).toContainText(/block 77|77/);
  await expect(painter.use).toBeDisabled();
});

test("rules pick of what is painted, and masks are joined", async ({ page }) => {
  const painter = new Painter(page);
  await page.goto("/new");
  await painter.place("Block 1, query").click();
  const rule = painter.group.getByLabel("Which scalars train");
  await rule.selectOption("largest");
  await expect(painter.text).toHaveValue("largest:16 per tensor in layers(1).query");
  await painter.group.getByLabel("How many").fill("5");
  await painter.group.getByLabel("Picked from").selectOption("module");
  await expect(painter.text).toHaveValue("largest:5 in layers(1).query");
  await expect(painter.count).toHaveText(/^5 parameters train/);
  await expect(painter.place("Block 1, query")).toHaveAttribute("aria-checked", "mixed");
  await rule.selectOption("every");
  await expect(painter.text).toHaveValue("layers(1).query");

  await painter.group.getByLabel("Other mask").selectOption("bitfit");
  await painter.button("Add it").click();
  await expect(painter.text).toHaveValue("bitfit + layers(1).query");
  await painter.button("Keep what both have").click();
  await expect(painter.text).toHaveValue("bitfit");
  await painter.button("Take it away").click();
  await expect(painter.text).toHaveValue("frozen");
  await painter.button("Start from it").click();
  await expect(painter.text).toHaveValue("bitfit");
  // A mask of the table is painted on, and several stand beside one another there.
  await page.getByRole("button", { name: "Paint on layernorms", exact: true }).click();
  await expect(painter.text).toHaveValue("layernorms");
  expect(await faults(page, ".painter")).toEqual([]);
});

test("what a rule selects is shown on the values of the LayerNorms", async ({ page }) => {
  const painter = new Painter(page);
  await page.goto("/new");
  const values = painter.group.getByRole("region", { name: "Which values it selects" });
  await expect(values).toHaveCount(0);
  await painter.text.fill("outliers:4");
  await painter.text.blur();
  const said = values.locator("p");
  await expect(said).toHaveText(/^Block 1, LayerNorm A: selected are \d of \d+ values of γ and \d of \d+ of β\./);
  const selected = (await said.innerText()).match(/selected are (\d+) of \d+ values of γ and (\d+) of/)!;
  expect(Number(selected[1]) + Number(selected[2])).toBe(4);
  await values.getByRole("combobox", { name: "LayerNorm" }).selectOption("Block 2, LayerNorm F");
  await expect(said).toHaveText(/^Block 2, LayerNorm F: /);
  await expect(values.getByRole("img", { name: /^Block 2, LayerNorm F: / })).toBeVisible();

  // A rule of one's own on γ alone; the choice stays while there is such a LayerNorm.
  await painter.text.fill("largest:3 per tensor in layers(2).ln.gamma");
  await expect(said).toHaveText(/^Block 2, LayerNorm F: selected are 3 of \d+ values of γ and 0 of/);
  await painter.text.fill("largest:3 in layers(2).query");
  await expect(values).toHaveCount(0);
  await painter.text.fill("layernorms");
  await expect(values).toHaveCount(0);
  expect(await faults(page, ".painter")).toEqual([]);
});
