import type { Locator, Page } from "@playwright/test";
import { expect, openFinished, test } from "../src/trained.ts";

/** An experiment that is over, of four runs of 64 steps. */
const finished = (page: Page) => openFinished(page, 4, 4);

/** Drags over a chart, from one share of its width to another. */
async function drag(plot: Locator, from: number, to: number): Promise<void> {
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  const mouse = plot.page().mouse;
  const y = box.y + box.height / 2;
  await mouse.move(box.x + box.width * from, y);
  await mouse.down();
  await mouse.move(box.x + box.width * ((from + to) / 2), y);
  await mouse.move(box.x + box.width * to, y);
  await mouse.up();
}

test("dragging zooms every chart, a double click resets, and so do the keys", async ({ page }) => {
  const lab = await finished(page);
  const [loss, norm] = [lab.chart("Training loss"), lab.chart("Gradient norm")];
  const plot = loss.locator(".plot");
  // 512 examples, 16 a step, 2 epochs: steps 1 to 64.
  const last = (chart: Locator) => chart.locator("text.tick[text-anchor=middle]").last();
  await expect(last(loss)).toHaveText(/^6[0-4]$/);
  await drag(plot, 0.2, 0.5);
  for (const chart of [loss, norm]) await expect(last(chart)).toHaveText(/^(2\d|3[0-2])$/);
  await expect(page.getByRole("button", { name: "Reset zoom" })).toBeVisible();
  await plot.dblclick();
  for (const chart of [loss, norm]) await expect(last(chart)).toHaveText(/^6[0-4]$/);
  await expect(page.getByRole("button", { name: "Reset zoom" })).toHaveCount(0);

  // A drag that ends outside of the chart counts to its edge.
  await drag(plot, 0.6, 1.4);
  await expect(page.getByRole("button", { name: "Reset zoom" })).toBeVisible();
  await plot.focus();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Reset zoom" })).toHaveCount(0);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await expect(loss.getByRole("status")).toHaveText(/^step \d+; .*layernorms/);
});

test("a chart is saved as CSV, SVG and PNG, the results as CSV, Markdown and LaTeX", async ({ page }) => {
  const lab = await finished(page);
  const save = (what: string, form: string) => {
    const name = `Download ${what} as ${form}`;
    return lab.save(page.getByRole("button", { name }).or(page.getByRole("link", { name })));
  };
  const csv = await save("Training loss", "CSV");
  expect(csv.name).toBe("training-loss.csv");
  const lines = csv.text.trim().split("\n");
  expect(lines[0]).toBe("line,step,value,drawn");
  // Four runs of 64 steps.
  expect(lines.length).toBe(1 + 4 * 64);
  expect(lines[1]).toMatch(/^layernorms · seed 1,1,0\.\d+,0\.\d+$/);

  const svg = (await save("Training loss", "SVG")).text;
  const drawn = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    return [parsed.querySelectorAll("parsererror").length, parsed.querySelectorAll("path.line").length];
  }, svg);
  // A line of each run, and each once more in the key.
  expect(drawn).toEqual([0, 8]);

  const png = (await save("Training loss", "PNG")).bytes;
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(svg)!;
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(width), 2 * Number(height)]);
  const dark = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    const context = canvas.getContext("2d")!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    let dark = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i]! < 128) dark += 1;
    return dark;
  }, png.toString("base64"));
  expect(dark, "pixels of lines and text").toBeGreaterThan(500);

  expect((await save("results", "CSV")).text).toContain("layernorms");
  expect((await save("results", "Markdown")).text).toMatch(/^\|/m);
  expect((await save("results", "LaTeX")).text).toContain("\\toprule");
});

test("seeds become a mean with its band, which the address keeps", async ({ page }) => {
  const lab = await finished(page);
  const loss = lab.chart("Training loss");
  await expect(loss.locator("path.line")).toHaveCount(4);
  await expect(loss.locator("path.band")).toHaveCount(0);
  await page.getByRole("checkbox", { name: "Mean over seeds" }).check();
  const grouped = async () => {
    await expect(loss.locator("path.line")).toHaveCount(2);
    await expect(loss.locator("path.band")).toHaveCount(2);
    await expect(loss.getByRole("img")).toHaveAccessibleName(/^Training loss\. 2 lines\./);
  };
  await grouped();
  // The mean lies within its band.
  const inside = await loss.evaluate((figure) => {
    const [line, band] = ["line", "band"].map((name) =>
      figure.querySelector<SVGPathElement>(`path.${name}`)!.getBBox(),
    );
    return line!.y >= band!.y && line!.y + line!.height <= band!.y + band!.height && band!.height > line!.height;
  });
  expect(inside).toBe(true);
  expect(page.url()).toContain("group=seeds");
  await page.reload();
  await grouped();
});

test("runs are sorted by a click or a key on a column's head, and the address keeps it", async ({ page }) => {
  await finished(page);
  const table = page.getByRole("region", { name: "Table of runs" });
  const head = (name: string) => table.getByRole("columnheader", { name });
  const column = async (place: number) =>
    (await table.locator(`tbody tr > :nth-child(${place})`).allInnerTexts()).map((text) => text.trim());
  const [mask, seed, loss] = [1, 4, 8];
  expect(await column(seed)).toEqual(["1", "2", "1", "2"]);
  await expect(head("Seed")).not.toHaveAttribute("aria-sort");

  await head("Seed").getByRole("button").click();
  await expect(head("Seed")).toHaveAttribute("aria-sort", "ascending");
  expect(await column(seed)).toEqual(["1", "1", "2", "2"]);
  expect(await column(mask)).toEqual(["layernorms", "frozen", "layernorms", "frozen"]);

  await head("Last loss").getByRole("button").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(head("Last loss")).toHaveAttribute("aria-sort", "descending");
  await expect(head("Seed")).not.toHaveAttribute("aria-sort");
  const losses = (await column(loss)).map(Number);
  expect(losses).toEqual([...losses].sort((a, b) => b - a));

  expect(page.url()).toMatch(/[?&]sort=-loss\b/);
  await page.reload();
  await expect(head("Last loss")).toHaveAttribute("aria-sort", "descending");
  expect((await column(loss)).map(Number)).toEqual(losses);
  await head("Last loss").getByRole("button").click();
  await expect(head("Last loss")).not.toHaveAttribute("aria-sort");
  expect(page.url()).not.toContain("sort");
});
