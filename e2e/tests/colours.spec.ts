import type { Locator, Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { openFinished, test as looked } from "../src/trained.ts";

/** Chooses a colour of the palette for a value. */
async function colour(page: Page, value: string, name: string): Promise<void> {
  const palette = page.locator(".palette");
  if (!(await palette.isVisible())) await page.getByText("Colours", { exact: true }).click();
  await palette.getByRole("combobox").selectOption(value);
  await page
    .getByRole("group", { name: `Colour of ${value}` })
    .getByRole("radio", { name })
    .check();
}

/** The places in the palette of what is drawn, such as `s5`. */
const places = (drawn: Locator) =>
  drawn.evaluateAll((all) => all.map((one) => /\b[sc]\d\b/.exec(one.getAttribute("class")!)![0]));

test("a mask's colour is chosen once and is the same in list, charts, tables and files", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Chosen", seeds: "1", train: "64", epochs: "1" });
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  const loss = lab.chart("Training loss");
  const lines = () => places(loss.locator("path.line"));
  await expect.poll(lines).toEqual(["s0", "s1"]);

  await colour(page, "frozen", "Pink");
  await expect.poll(lines).toEqual(["s0", "s5"]);
  const row = page.locator(".run-list li").filter({ hasText: "frozen" });
  await expect.poll(() => places(row.locator(".sample path.line"))).toEqual(["s5"]);
  const run = lab.runs("finished").filter({ has: page.getByRole("rowheader", { name: "frozen" }) });
  await expect.poll(() => places(run.locator(".sample path.line"))).toEqual(["s5"]);
  const result = lab.results.getByRole("row").filter({ hasText: "frozen" });
  await expect.poll(() => places(result.locator(".swatch"))).toEqual(["s5"]);
  const svg = await lab.save(page.getByRole("button", { name: "Download Training loss as SVG" }));
  expect(svg.text).toMatch(/class="line s5/);
  expect(page.url()).toContain("colour=mask:frozen:5");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await faults(page, ".toolbar"), colorScheme).toEqual([]);
  }

  // What had the colour gets the old one.
  await page.getByRole("radio", { name: "Blue" }).check();
  await expect.poll(lines).toEqual(["s5", "s0"]);
  await expect(page.getByRole("radio", { name: "Blue" })).toBeFocused();

  // Arrows pass what another mask has, and leave it there.
  await page.getByRole("button", { name: "Reset all colours" }).click();
  await page.locator(".palette").getByRole("combobox").selectOption("layernorms");
  await page.getByRole("radio", { name: "Blue" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(lines).toEqual(["s1", "s0"]);
  await page.keyboard.press("ArrowRight");
  await expect.poll(lines).toEqual(["s2", "s1"]);
  await page.keyboard.press("ArrowLeft");
  await expect.poll(lines).toEqual(["s1", "s0"]);

  // It is remembered on the other pages, on which the address says nothing, and where there are charts.
  await lab.tab("Table").click();
  const plot = page.getByRole("figure").locator("svg");
  await expect(plot.locator(".c1").first()).toBeAttached();
  await expect(plot.locator(".k0").first()).toBeAttached();
  await expect(plot.locator(".k1")).toHaveCount(0);
  await page.goto(page.url().replace(/\/table.*/, ""));
  await expect.poll(lines).toEqual(["s1", "s0"]);
  await page.getByText("Colours", { exact: true }).click();
  await page.getByRole("button", { name: "Reset all colours" }).click();
  await expect.poll(lines).toEqual(["s0", "s1"]);
  expect(page.url()).not.toContain("colour=");
});

looked("a column's colour is chosen where runs are compared", async ({ page }) => {
  const lab = await openFinished(page, 2, 4);
  const runs = page.locator(".run-list li");
  for (const at of [0, 1])
    await runs
      .nth(at)
      .getByRole("checkbox", { name: /^Choose/ })
      .check({ force: true });
  await page.getByRole("link", { name: "Compare 2" }).click();
  const loss = lab.chart("Training loss");
  const lines = () => places(loss.locator("path.line"));
  await expect.poll(lines).toEqual(["s0", "s1"]);
  const second = page.getByRole("list", { name: "What is compared" }).getByRole("listitem").nth(1);
  const name = (await second.locator(".name").textContent())!;
  await colour(page, name, "Green");
  await expect.poll(lines).toEqual(["s0", "s2"]);
  await expect.poll(() => places(second.locator(".swatch"))).toEqual(["s2"]);
  await page.reload();
  await expect.poll(lines).toEqual(["s0", "s2"]);
});
