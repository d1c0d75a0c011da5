import type { Locator, Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { fillWithRuns } from "../src/large.ts";
import { Lab, drawn } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** Most elements of an experiment's page, wherever it is scrolled to. */
const MOST = 3000;

const nodes = (page: Page) => page.evaluate(() => document.querySelectorAll("*").length);

/** Paths of a chart's lines; each may be several lines of one style. */
const paths = (chart: Locator) => chart.locator("path.line");

/** How many lines these paths are. */
const lines = async (chart: Locator) => (await drawn(paths(chart))).length;

test("an experiment of 4,242 runs has 3,000 elements at most, wherever its page is scrolled to", async ({
  page,
  program,
}) => {
  test.setTimeout(300_000);
  await fillWithRuns(program, { runs: 4242, steps: 4 });
  const lab = new Lab(page);
  await page.goto("/experiments/1");
  await expect(lab.results).toHaveAttribute("aria-rowcount", "102", { timeout: 60_000 });
  await expect(page.getByText("4,242 drawn")).toBeVisible({ timeout: 60_000 });
  // Every point has come: the summary of each chart says what it draws, whether or not it is in sight.
  const pictures = page.locator(".charts").getByRole("img");
  const summaries = () => pictures.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")!));
  const whole = (all: string[]) =>
    all.length > 5 && all.every((one) => /\b120 lines|\b101 lines|lines drawn/.test(one));
  await expect.poll(async () => whole(await summaries()), { timeout: 100_000 }).toBe(true);
  expect(await nodes(page), "at the top").toBeLessThanOrEqual(MOST);

  for (const title of ["Sentiment accuracy", "Training loss"]) {
    const chart = lab.chart(title);
    await chart.evaluate((figure) => figure.scrollIntoView({ block: "center" }));
    await expect.poll(() => lines(chart), title).toBeGreaterThan(100);
    expect(await paths(chart).count(), `paths of ${title}`).toBeLessThan(await lines(chart));
    expect(await nodes(page), `at ${title}`).toBeLessThanOrEqual(MOST);
  }
  // Further down the table of runs comes into sight, and has its rows then.
  const table = page.getByRole("region", { name: "Table of runs" });
  expect(await table.locator("tbody tr[data-place]").count()).toBeLessThan(10);
  await table.scrollIntoViewIfNeeded();
  await expect(table.locator("tbody tr[data-place='12']")).toBeVisible();
  expect(await nodes(page), "at the table of runs").toBeLessThanOrEqual(MOST);

  // Everywhere between, where charts and table are both near.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let top = 0; top < height; top += 200) {
    await page.evaluate((top) => window.scrollTo(0, top), top);
    // What has come into sight is drawn, and what has gone from it is not.
    let [before, now] = [-1, await nodes(page)];
    while (before !== now) {
      await page.waitForTimeout(200);
      [before, now] = [now, await nodes(page)];
    }
    expect(now, `${top} pixels down`).toBeLessThanOrEqual(MOST);
  }

  // A line among many of its style is still its own run's.
  const loss = lab.chart("Training loss");
  const plot = loss.locator(".plot");
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const marked = loss.locator(".over path.highlighted");
  await expect(marked).toHaveCount(1);
  expect((await marked.getAttribute("d"))!.split("M").length).toBe(2);
  await page.mouse.down();
  await page.mouse.up();
  const near = page.locator(".run-list li.near");
  await expect(near).toHaveCount(1);
  await expect(near).toBeInViewport();
});

test("a long table of results has the rows in sight, finds every other, and prints them all", async ({
  page,
  program,
}) => {
  test.setTimeout(300_000);
  await fillWithRuns(program, { runs: 4242, steps: 1 });
  const lab = new Lab(page);
  await page.goto("/experiments/1");
  const region = page.locator(".board-results .scroll");
  const rows = region.locator("tbody tr[data-place]");
  await expect(lab.results).toHaveAttribute("aria-rowcount", "102", { timeout: 60_000 });
  await expect(rows.first()).toHaveAttribute("aria-rowindex", "2");
  expect(await rows.count()).toBeLessThan(30);
  expect(await faults(page, ".board-results")).toEqual([]);

  // To the end by keys: rows stand where the whole table would have them.
  await region.focus();
  await page.keyboard.press("End");
  await expect(rows.last()).toHaveAttribute("aria-rowindex", "102");
  await expect(rows.last()).toBeInViewport();
  // From one cell's runs to the next row's, beyond the rows that were there.
  await page.keyboard.press("Home");
  await expect(rows.first()).toHaveAttribute("aria-rowindex", "2");
  const first = rows.first().getByRole("link").first();
  await first.focus();
  for (let presses = 0; presses < 90; presses++) await page.keyboard.press("Tab");
  const place = () => page.evaluate(() => Number(document.activeElement!.closest("tr")?.dataset.place ?? -1));
  expect(await place()).toBeGreaterThan(25);

  await page.getByRole("searchbox", { name: /^Filter rows of/ }).fill("outliers_random:93:1");
  await expect(rows).toHaveCount(1);
  await expect(rows.getByRole("rowheader")).toHaveText("outliers_random:93:1");
  await expect(page.getByText("1 of 101 rows")).toBeVisible();
  await page.getByRole("searchbox", { name: /^Filter rows of/ }).fill("");

  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await expect(rows).toHaveCount(101);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  await expect.poll(() => rows.count()).toBeLessThan(30);
});
