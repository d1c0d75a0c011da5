import type { Locator } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { openFinished, test as looked } from "../src/trained.ts";

/** What scripts are told of runs, as far as is needed here. */
interface Nodes {
  runs: { node: { name: string } }[];
}

test("every column and action of the runs lies in a window of 1280 px, and on a phone the actions stay in sight", async ({
  page,
}) => {
  const lab = new Lab(page);
  // Names, counts and states as wide as they come.
  const masksOf = { "Drawn in each LayerNorm": "16" };
  await lab.begin({ ...LONG, name: "Wide", tasks: ["Acceptability"], masksOf, rates: "2.5e-4", seeds: "1, 2" });
  await expect(lab.runs("running")).not.toHaveCount(0);
  const table = page.getByRole("region", { name: "Table of runs" });
  const sideways = page.getByText("This table scrolls sideways");
  const action = table.getByRole("button", { name: /^Cancel run/ }).first();
  const inside = async (width: number) => {
    const box = (await action.boundingBox())!;
    return box.x >= 0 && box.x + box.width <= width;
  };
  expect(await table.evaluate((region) => region.scrollWidth - region.clientWidth)).toBe(0);
  expect(await inside(1280)).toBe(true);
  const time = (await table.getByRole("columnheader", { name: "Time" }).boundingBox())!;
  expect(time.x + time.width).toBeLessThanOrEqual(1280);
  await expect(sideways).toBeHidden();

  for (const width of [1024, 390, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(sideways).toBeVisible();
    for (const scrolled of [0, 10_000]) {
      await table.evaluate((region, left) => (region.scrollLeft = left), scrolled);
      expect(await inside(width), `the action at ${width} px`).toBe(true);
      const mask = (await table.getByRole("rowheader").first().boundingBox())!;
      expect(mask.x, `the mask at ${width} px`).toBeGreaterThanOrEqual(0);
      // Between the two there is room to see the rest.
      const box = (await action.boundingBox())!;
      expect(box.x - mask.x - mask.width, `room at ${width} px`).toBeGreaterThan(80);
    }
  }
  await page.setViewportSize({ width: 320, height: 900 });
  await lab.cancelRun(action);
  await expect(lab.runs("cancelled")).toHaveCount(1);
});

test("a long table has the rows in sight alone, and says how many there are", async ({ page }) => {
  test.setTimeout(300_000);
  const lab = new Lab(page);
  const tiny = { ...SHORT, masks: ["frozen", "layernorms"], train: "32", evaluation: "32", epochs: "1" };
  await lab.begin({ ...tiny, name: "Long", rates: "1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3", seeds: "1-8" });
  await expect(lab.progress).toContainText("96 of 96 finished", { timeout: 200_000 });
  const region = page.getByRole("region", { name: "Table of runs" });
  const table = region.getByRole("table");
  const rows = table.locator("tbody tr[data-place]");
  await expect(table).toHaveAttribute("aria-rowcount", "97");
  expect(await rows.count()).toBeLessThan(45);
  await expect(rows.first()).toHaveAttribute("aria-rowindex", "2");

  // By keys, to the end: rows stand where the whole table would have them, and its heads stay in sight. The last ones may be
  // higher than those that were measured before them.
  await page.addStyleTag({ content: "tr[data-place^='9'] { block-size: 90px; }" });
  await region.focus();
  await page.keyboard.press("End");
  await expect(rows.last()).toHaveAttribute("aria-rowindex", "97");
  await expect(rows.last()).toBeInViewport();
  expect(await rows.count()).toBeLessThan(45);
  const head = table.getByRole("columnheader", { name: "Learning rate" });
  const top = (await region.boundingBox())!.y;
  expect(Math.abs((await head.boundingBox())!.y - top)).toBeLessThan(8);
  const middle = await region.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const row = document.elementFromPoint(box.x + 50, box.y + box.height / 2)!.closest("tr")!;
    return { place: Number(row.dataset.place), height: element.scrollHeight };
  });
  expect(middle.place).toBeGreaterThan(70);
  expect(middle.height / 97).toBeGreaterThan(30);

  // Another order begins at its first row; a filter leaves the rows that it finds, wherever one had scrolled to.
  await head.getByRole("button").click();
  await expect(rows.first()).toHaveAttribute("aria-rowindex", "2");
  await expect(rows.first()).toContainText("1e-4");
  await region.focus();
  await page.keyboard.press("End");
  await expect(rows.last()).toContainText("5e-3");
  await page.getByRole("searchbox", { name: "Filter runs" }).fill("frozen 2e-3");
  await expect(rows).toHaveCount(8);
  await expect(table).toHaveAttribute("aria-rowcount", "9");
  await rows.last().scrollIntoViewIfNeeded();
  await expect(rows.last()).toBeInViewport();
  expect(await faults(page, "table.runs")).toEqual([]);
});

test("runs are filtered by learning rate and seed, in the address too, and all of them are files", async ({ page }) => {
  const lab = new Lab(page);
  await lab.finish({ ...SHORT, name: "Chips", rates: "1e-3, 2.5e-4", train: "64", epochs: "1" }, 8);
  const chip = (row: string, name: string) =>
    page.getByRole("group", { name: `Show ${row}` }).getByRole("button", { name, exact: true });
  await chip("Learning rates", "2.5e-4").click();
  await expect(lab.runs("finished")).toHaveCount(4);
  await chip("Seeds", "2").click();
  await expect(lab.runs("finished")).toHaveCount(2);
  await expect(page).toHaveURL(/rate=2\.5e-4&seeds=2/);
  await page.reload();
  await expect(lab.runs("finished")).toHaveCount(2);
  await expect(chip("Seeds", "2")).toHaveAttribute("aria-pressed", "true");
  await chip("Seeds", "2").click();
  await expect(chip("Seeds", "2")).toBeFocused();
  await expect(lab.runs("finished")).toHaveCount(4);
  // A node that trains all of them has its chip while it filters, and keeps the focus when it no longer does.
  const node = ((await (await page.request.get("/api/v1/experiments/1/runs")).json()) as Nodes).runs[0]!.node.name;
  await page.goto(`/experiments/1?node=${encodeURIComponent(node)}`);
  const nodes = page.getByRole("group", { name: "Show Nodes" }).getByRole("button");
  await nodes.click();
  await expect(nodes).toBeFocused();
  await expect(nodes).toHaveAttribute("aria-pressed", "false");

  // Masks are pictures in their chips, in the list and in the results.
  const pictures = (of: Locator) => of.locator("svg.glyph");
  await expect(pictures(page.getByRole("group", { name: "Show Masks" }))).toHaveCount(2);
  await expect(pictures(page.locator(".run-list li"))).toHaveCount(8);
  await expect(pictures(lab.results.getByRole("rowheader"))).toHaveCount(2);

  const csv = await lab.save(page.getByRole("link", { name: "Runs as CSV" }));
  expect([csv.name, csv.text.trim().split("\n").length]).toEqual(["experiment-1-runs.csv", 9]);
  const lines = await lab.save(page.getByRole("link", { name: "Runs as JSON Lines" }));
  expect(lines.text.trim().split("\n").length).toBe(8);
});

looked("weights that stayed frozen are marked where some are frozen", async ({ page }) => {
  const lab = await openFinished(page, 1, 12);
  const row = (mask: string) => lab.runs("finished").filter({ has: page.getByRole("rowheader", { name: mask }) });
  await expect(row("full")).toHaveCount(4);
  await expect(row("frozen").getByTitle("Frozen weights unchanged, bit for bit")).toHaveCount(4);
  await expect(row("full").getByTitle(/Frozen weights/)).toHaveCount(0);
});
