import type { Locator } from "@playwright/test";
import { Lab, type Setup, SHORT, drawn } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** Many runs of two steps each. */
const TINY: Setup = { ...SHORT, epochs: "1", train: "32", evaluation: "32", seeds: "1" };
const RATES = "1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3";

const lines = (chart: Locator) => drawn(chart.locator("path.line"));
const count = async (chart: Locator) => (await lines(chart)).length;

test("no two lines of 12 masks at 6 learning rates look the same, and the key tells every style", async ({ page }) => {
  test.setTimeout(300_000);
  const lab = new Lab(page);
  const masks = ["full", "mha", "ffn", "layernorms", "layernorm_a", "layernorm_f", "bitfit", "frozen"];
  await lab.begin({ ...TINY, name: "Many", masks, masksOf: { Blocks: "1-4" }, rates: RATES });
  // High enough for every row of the table, which has those in sight alone.
  await page.setViewportSize({ width: 1280, height: 3600 });
  await expect(lab.runs("finished")).toHaveCount(72, { timeout: 200_000 });
  const loss = lab.chart("Training loss");
  await expect.poll(() => count(loss)).toBe(72);

  // Each row shows the style of its run; the chart draws these.
  const rows = await page.locator("table.runs tbody .sample").evaluateAll((all) =>
    all.map((sample) => {
      const [line, mark] = sample.querySelectorAll("path");
      return { look: sample.outerHTML, line: line!.getAttribute("class")!, marked: Boolean(mark) };
    }),
  );
  expect(new Set(rows.map((row) => row.look)).size).toBe(72);
  expect((await lines(loss)).sort()).toEqual(rows.map((row) => row.line).sort());
  const marked = rows.filter((row) => row.marked).length;
  expect(marked).toBe(12);
  expect((await drawn(loss.locator("path.shape"))).length).toBe(marked);

  const key = page.getByRole("list", { name: "Key: Learning rate" }).getByRole("listitem");
  await expect(key).toHaveText(RATES.split(", "));
  const samples = await key.locator("path.line").evaluateAll((all) => all.map((line) => line.getAttribute("class")!));
  const dash = (look: string) => /\bd\d\b/.exec(look)![0];
  expect(new Set(samples.map(dash))).toEqual(new Set(rows.map((row) => dash(row.line))));
  const filters = page.getByRole("group", { name: "Show Masks" }).locator(".sample");
  expect(new Set(await filters.evaluateAll((all) => all.map((sample) => sample.outerHTML))).size).toBe(12);
  await expect(page.getByText("look the same")).toHaveCount(0);
});

test("lines that a chart has no room for are counted, and no task is dropped for another", async ({ page }) => {
  test.setTimeout(300_000);
  const lab = new Lab(page);
  const masks = ["layernorms", "layernorm_a", "layernorm_f", "bitfit", "frozen"];
  const many = { tasks: ["Sentiment", "Questions"], masks, masksOf: { Blocks: "1" }, rates: RATES, seeds: "1, 2" };
  await lab.begin({ ...TINY, name: "More", ...many });
  await expect(lab.progress).toContainText("144 of 144 finished", { timeout: 200_000 });

  // Seeds are taken together by themselves where that makes room, and it is said.
  const loss = lab.chart("Training loss");
  const mean = page.getByRole("checkbox", { name: "Mean over seeds" });
  await expect(mean).toBeChecked();
  await expect(page.getByText(/Lines are means over seeds: 144 runs are more than the 120 lines/)).toBeVisible();
  await expect.poll(() => count(loss)).toBe(72);
  await expect(page.getByText(/lines drawn/)).toHaveCount(0);

  await mean.uncheck();
  expect(page.url()).toContain("group=runs");
  await expect.poll(() => count(loss)).toBe(120);
  await expect(
    loss.getByText(/^120 of 144 lines drawn; choose masks or tasks above, or average over seeds/),
  ).toBeVisible();
  await expect(loss.getByRole("img")).toHaveAccessibleName(/120 of 144 lines drawn\./);
  await loss.getByText("Show table").click();
  const names = await loss.getByRole("rowheader").allInnerTexts();
  for (const task of ["Sentiment", "Questions"]) {
    expect(names.filter((name) => name.includes(task)).length, task).toBe(60);
  }
  // A chart of one task has room for all of its runs.
  const one = lab.chart("Sentiment accuracy");
  await expect.poll(() => count(one)).toBe(72);
  await expect(one.getByText(/lines drawn/)).toHaveCount(0);
  await page.getByRole("button", { name: "layernorms", exact: true }).click();
  await expect(loss.getByText(/lines drawn/)).toHaveCount(0);
  await expect.poll(() => count(loss)).toBe(24);
});

test("a run of a gang has its own share of the time, so that less arithmetic is less time", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({
    ...SHORT,
    name: "Shares",
    masks: ["full", "layernorms", "frozen"],
    train: "512",
    rates: "1e-3, 2e-3",
  });
  await expect(lab.runs("finished")).toHaveCount(12, { timeout: 100_000 });
  const file = await lab.save(page.getByRole("button", { name: "Download Tokens per second as CSV" }));
  const csv = file.text.trim().split("\n").slice(1);
  const speed = (mask: string) => {
    const values = csv.filter((line) => line.startsWith(`${mask} `)).map((line) => Number(line.split(",").at(-2)));
    expect(values.length, mask).toBeGreaterThan(100);
    return values.length / values.reduce((sum, value) => sum + 1 / value, 0);
  };
  // `frozen` needs a third of the products of `full`, and half of those of `layernorms`.
  expect(speed("frozen")).toBeGreaterThan(speed("layernorms"));
  expect(speed("layernorms")).toBeGreaterThan(speed("full"));

  const time = (mask: string) =>
    lab
      .runs("finished")
      .filter({ has: page.getByRole("rowheader", { name: mask }) })
      .first()
      .getByRole("cell")
      .nth(8);
  await expect(time("frozen")).toContainText("its share in a gang of 8");
  await expect(time("full")).not.toContainText("share");
  await expect(page.getByRole("columnheader", { name: "Time", exact: true })).toHaveAttribute(
    "title",
    /share the time of each step/,
  );
  await page.getByRole("radio", { name: "Time" }).check();
  await expect(page.getByText(/^Time is a run's own: runs that train together share/).first()).toBeVisible();
});
