import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { Lab } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** More stops than any page has. */
const STOPS = 400;

/** Goes on with the Tab key until a control has the focus. */
async function reach(page: Page, control: Locator): Promise<void> {
  await expect(control).toBeVisible();
  const wanted = await control.elementHandle();
  for (let stop = 0; stop < STOPS; stop += 1) {
    if (await page.evaluate((element) => document.activeElement === element, wanted)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${STOPS} stops of the Tab key do not lead to ${control}`);
}

/** Writes into a field in place of what is there. */
async function write(page: Page, field: Locator, text: string): Promise<void> {
  await reach(page, field);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** Ticks or unticks a box. */
async function tick(page: Page, box: Locator, wanted: boolean): Promise<void> {
  if ((await box.isChecked()) === wanted) return;
  await reach(page, box);
  await page.keyboard.press("Space");
  await expect(box).toBeChecked({ checked: wanted });
}

function isFocused(control: Locator): Promise<boolean> {
  return control.evaluate((element) => document.activeElement === element);
}

/** That the next key is not lost. */
async function focusIsSomewhere(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).not.toBe("BODY");
}

test("by keys alone from the empty form, over a painted mask, to a table in LaTeX", async ({ page }) => {
  test.setTimeout(240_000);
  const lab = new Lab(page);
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  await write(page, lab.field("Name"), "By keys");
  await tick(page, lab.box("Acceptability"), false);
  await tick(page, lab.box("Sentiment"), true);
  await tick(page, lab.box("Questions"), false);
  for (const mask of ["full", "bitfit"]) await tick(page, lab.mask(mask), false);
  // The painter is one stop of the Tab key; its arrows lead on from there.
  const painter = page.getByRole("group", { name: "Paint a mask" });
  await reach(page, painter.locator('[role="checkbox"][tabindex="0"]'));
  await page.keyboard.press("Home");
  for (let up = 0; up < 20; up += 1) await page.keyboard.press("ArrowUp");
  await expect(painter.getByRole("checkbox", { name: "Whole model", exact: true })).toBeFocused();
  const norm = painter.getByRole("checkbox", { name: "All blocks, LayerNorm A", exact: true });
  for (let down = 0; down < 20 && !(await isFocused(norm)); down += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(painter.getByLabel("Mask as text")).toHaveValue("layernorm_a");
  const use = painter.getByRole("button", { name: /the experiment$/ });
  await reach(page, use);
  await page.keyboard.press("Enter");
  await expect(use).toBeDisabled();
  const protocol = page.locator("summary").filter({ has: page.getByText("Protocol", { exact: true }) });
  // It is open already where something in it differs from the paper.
  if (!(await lab.field("Epochs").isVisible())) {
    await reach(page, protocol);
    await page.keyboard.press("Enter");
  }
  for (const [field, text] of Object.entries({
    Epochs: "1",
    "Training examples": "64",
    "Development examples": "64",
  })) {
    await write(page, lab.field(field), text);
  }
  await write(page, lab.field("Learning rates"), "1e-3");
  await write(page, lab.field("Seeds"), "1, 2");
  await expect(lab.plan).toContainText("on this machine");
  await reach(page, lab.start);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/experiments\/1$/);
  await expect(page.getByRole("heading", { level: 1, name: "By keys" })).toBeVisible();
  await focusIsSomewhere(page);
  await expect(lab.runs("finished")).toHaveCount(6, { timeout: 60_000 });

  for (const [tab, address] of [
    ["Verdicts", "verdicts"],
    ["Table", "table"],
  ] as const) {
    await reach(page, lab.tab(tab));
    await page.keyboard.press("Enter");
    await page.waitForURL(`**/experiments/1/${address}`);
    await focusIsSomewhere(page);
  }
  const download = page.waitForEvent("download");
  await reach(page, page.getByRole("button", { name: "Download table as LaTeX" }));
  await page.keyboard.press("Enter");
  const latex = (await readFile(await (await download).path())).toString();
  for (const mask of ["layernorms", "layernorm", "frozen"]) expect(latex).toContain(mask);
  expect(latex.match(/\\begin\{tabular\}[^]*\\bottomrule\s*\\end\{tabular\}/)).not.toBeNull();
});
