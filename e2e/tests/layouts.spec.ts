import type { Locator } from "@playwright/test";
import { Lab, SHORT, type Setup } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** The paper's tables of outliers and of single blocks, each as a plot, as a table and as files. */

const NUMBERED: Setup = { ...SHORT, seeds: "1, 2", train: "64", epochs: "1" };

/** A cell's figure: `61.7 ± 2.3`. */
const FIGURE = /^[\d.]+ ± [\d.]+/;

/** Rows of a CSV file whose fields hold no commas, by its heads. */
function records(text: string): Record<string, string>[] {
  const [heads, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
  return rows.map((row) => Object.fromEntries(heads!.map((head, i) => [head, row[i]!])));
}

/** A figure as LaTeX has it, the best of a column in bold: `$\\mathbf{54.3}_{\\pm 7.2}$`. */
function inLatex(figure: string): RegExp {
  const [mean, deviation] = figure.replaceAll(".", "\\.").split(" ± ");
  return new RegExp(`(\\$|\\\\mathbf\\{)${mean}\\}?_\\{\\\\pm ${deviation}\\}\\$`);
}

/** The figures of a table by the heads of rows, in order of columns. */
async function figures(table: Locator): Promise<Map<string, string[]>> {
  const rows = await table.locator("tbody tr").evaluateAll((all) =>
    all.map((row) => {
      const text = (cell: Element) => (cell.querySelector("a") ?? cell).textContent!.trim();
      return [text(row.children[0]!), [...row.children].slice(2).map(text)] as const;
    }),
  );
  return new Map(rows);
}

test("outliers stand beside their random control, number by number, in plot, table and files", async ({ page }) => {
  test.setTimeout(240_000);
  const lab = new Lab(page);
  const sizes = ["4", "16", "64"];
  const written = { "Outliers in each LayerNorm": sizes.join(", "), "Drawn in each LayerNorm": sizes.join(", ") };
  await lab.begin({ ...NUMBERED, name: "Outliers", masks: ["layernorms", "frozen"], masksOf: written });
  await expect(lab.runs("finished")).toHaveCount(16, { timeout: 120_000 });
  await lab.tab("Table").click();
  // By itself: most of its masks are of this layout.
  await expect(page.getByRole("link", { name: "Outliers", exact: true })).toHaveAttribute("aria-current", "true");
  const table = page.getByRole("region", { name: "Outliers by task" }).getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["N", "Trainable", /outliers$/, /random$/]);
  const shown = await figures(table);
  expect([...shown.keys()]).toEqual(["layernorms", "frozen", ...sizes]);
  for (const cells of shown.values()) for (const cell of cells) expect(cell).toMatch(FIGURE);
  // What both are compared with is the same on both sides.
  for (const mask of ["frozen", "layernorms"]) expect(new Set(shown.get(mask)).size, mask).toBe(1);

  // Two lines over n, told apart by dashes and marks, and lines for what they are compared with.
  const plot = lab.chart("Sentiment accuracy");
  const diagram = plot.locator("svg.diagram");
  await expect(plot.getByRole("img")).toHaveAccessibleName(/^Sentiment accuracy\. 6 masks\. .*For comparison: /);
  await expect(diagram.getByText("outliers", { exact: true })).toBeVisible();
  await expect(diagram.getByText("random control", { exact: true })).toBeVisible();
  await expect(diagram.getByText("values per LayerNorm", { exact: true })).toBeVisible();
  // One of each is in the key above.
  await expect(diagram.locator("path.joined:not(.dashed)")).toHaveCount(2);
  await expect(diagram.locator("path.joined.dashed")).toHaveCount(2);
  await expect(diagram.locator("path.point")).toHaveCount(2 + 6);
  await expect(diagram.locator("path.compared")).toHaveCount(2);
  for (const [i, n] of sizes.entries()) {
    await expect(diagram.locator("text.tick").getByText(n, { exact: true })).toHaveCount(1);
    // The plot's figures are the table's, side by side.
    for (const [side, mask] of [`outliers:${n}`, `outliers_random:${n}`].entries()) {
      const point = plot.getByRole("link", { name: new RegExp(`^${mask}: `) });
      await expect(point, `${mask}, ${i}`).toHaveAccessibleName(
        new RegExp(`^${mask}: ${shown.get(n)![side]!.replaceAll(".", "\\.")}.*Show 2 runs$`),
      );
    }
  }

  const save = (what: string) => lab.save(page.getByRole("button", { name: what, exact: true }));
  const points = records((await save("Download Sentiment accuracy as CSV")).text);
  const placed = points.filter(({ x }) => x !== "").map(({ mask, x }) => `${mask} at ${x}`);
  expect(placed.sort()).toEqual(sizes.flatMap((n) => [`outliers:${n} at ${n}`, `outliers_random:${n} at ${n}`]).sort());
  for (const { mean, n, seeds } of points) expect([Number(mean) > 0, n, seeds]).toEqual([true, "2", "2"]);
  const svg = (await save("Download Sentiment accuracy as SVG")).text;
  expect(svg).toContain("random control");
  expect((await save("Download Sentiment accuracy as PNG")).bytes.toString("latin1", 1, 4)).toBe("PNG");
  const latex = (await save("Download table as LaTeX")).text;
  expect(latex.match(/\\toprule/g)).toHaveLength(1);
  for (const cells of shown.values()) expect(latex).toMatch(inLatex(cells[0]!));
  const markdown = (await save("Download table as Markdown")).text;
  expect(markdown.split("\n").filter((line) => /^\| *(4|16|64) /.test(line))).toHaveLength(3);
  const rows = records((await save("Download table as CSV")).text);
  expect(rows.map((row) => Object.values(row)[0])).toEqual(expect.arrayContaining(sizes));

  await plot.getByRole("link", { name: /^outliers_random:16: / }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/experiments\/1\?runs=[0-9a-f]{16},[0-9a-f]{16}$/);
  await expect(lab.runs("finished").filter({ hasText: "outliers_random:16" })).toHaveCount(2);
});

test("the LayerNorms of single blocks stand over their blocks, beside what they are compared with", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const lab = new Lab(page);
  const blocks = ["1", "2", "3", "4"];
  const compared = ["full", "frozen", "layernorms"];
  await lab.begin({ ...NUMBERED, name: "Blocks", masks: compared, masksOf: { Blocks: "1-4" } });
  await expect(lab.runs("finished")).toHaveCount(14, { timeout: 120_000 });
  await lab.tab("Table").click();
  await expect(page.getByRole("link", { name: "One block's LayerNorms" })).toHaveAttribute("aria-current", "true");
  const table = page.getByRole("region", { name: "One block's LayerNorms by task" }).getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(["Block", "Trainable", "Sentiment accuracy"]);
  const shown = await figures(table);
  expect([...shown.keys()].sort()).toEqual([...blocks, ...compared].sort());
  const trainable = (head: string) =>
    table
      .getByRole("row")
      .filter({ has: page.getByRole("rowheader", { name: head, exact: true }) })
      .getByRole("cell")
      .first();
  // A quarter of the LayerNorms' parameters each.
  await expect(trainable("layernorms")).toHaveText("2,048");
  for (const block of blocks) await expect(trainable(block)).toHaveText("512");

  const plot = lab.chart("Sentiment accuracy");
  const diagram = plot.locator("svg.diagram");
  await expect(diagram.getByText("block, 1 is the lowest", { exact: true })).toBeVisible();
  await expect(diagram.locator("path.compared")).toHaveCount(3);
  for (const mask of compared) {
    await expect(plot.getByRole("link", { name: new RegExp(`^${mask}: `) })).toHaveAccessibleName(
      new RegExp(shown.get(mask)![0]!.replaceAll(".", "\\.")),
    );
  }
  // From left to right, each at its block.
  const at = async (block: string) =>
    Number(await diagram.locator("text.tick").getByText(block, { exact: true }).last().getAttribute("x"));
  const places = await Promise.all(blocks.map(at));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  const file = await lab.save(page.getByRole("button", { name: "Download Sentiment accuracy as CSV" }));
  expect(records(file.text).flatMap(({ mask, x }) => (x === "" ? [] : [`${mask} at ${x}`]))).toEqual(
    blocks.map((block) => `single_norm:${block} at ${block}`),
  );
  const latex = (await lab.save(page.getByRole("button", { name: "Download table as LaTeX" }))).text;
  for (const cells of shown.values()) expect(latex).toMatch(inLatex(cells[0]!));
});
