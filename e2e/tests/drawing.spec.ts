import type { Locator, Page } from "@playwright/test";
import { Lab } from "../src/lab.ts";
import { expect, test } from "../src/trained.ts";

/** How the lines of the second experiment are drawn: four runs of two epochs of four steps. */

interface Point {
  line: string;
  x: number;
  value: number;
  drawn: number;
}

/** A chart's points, as its CSV file has them, and what the file calls their places. */
async function points(lab: Lab, title: string): Promise<{ axis: string; points: Point[] }> {
  const file = await lab.save(lab.page.getByRole("button", { name: `Download ${title} as CSV` }));
  const [head, ...rows] = file.text.trim().split("\n");
  const read = (row: string): Point => {
    const [, line, numbers] = /^([^",]*),(.*)$/.exec(row)!;
    const [x, value, drawn] = numbers!.split(",").map(Number) as [number, number, number];
    return { line: line!, x, value, drawn };
  };
  return { axis: head!, points: rows.map(read) };
}

/** The average that TensorBoard draws: an exponential one, corrected for its start at 0. */
function smoothed(values: number[], weight: number): number[] {
  let last = 0;
  return values.map((value, i) => {
    last = last * weight + (1 - weight) * value;
    return last / (1 - weight ** (i + 1));
  });
}

/** The points of each line. */
function byLine(all: Point[]): Point[][] {
  const lines = new Map<string, Point[]>();
  for (const point of all) lines.set(point.line, [...(lines.get(point.line) ?? []), point]);
  return [...lines.values()];
}

/** The marks of the vertical axis: their values with their pixels. */
const marks = (chart: Locator): Promise<{ value: number; y: number }[]> =>
  chart.locator("text.tick[text-anchor=end]").evaluateAll((all) =>
    all
      .map((tick) => ({
        value: Number(tick.textContent),
        y: Number(tick.getAttribute("y")),
        x: tick.getAttribute("x"),
      }))
      // Some at the horizontal axis end where they stand, too.
      .filter((tick, _, [first]) => tick.x === first!.x)
      .map(({ value, y }) => ({ value, y })),
  );

async function opened(page: Page): Promise<Lab> {
  const lab = new Lab(page);
  await page.goto("/experiments/2");
  await expect(lab.chart("Training loss").locator("path.line")).toHaveCount(4);
  return lab;
}

test("smoothing is TensorBoard's, with the values as they came faint behind, and the address keeps it", async ({
  page,
}) => {
  const lab = await opened(page);
  const loss = lab.chart("Training loss");
  const slider = page.getByRole("slider", { name: "Smoothing" });
  const height = (of: string) =>
    loss.locator(of).evaluateAll((all) => Math.max(...all.map((path) => (path as SVGPathElement).getBBox().height)));
  const held = async (weight: number) => {
    const { points: all } = await points(lab, "Training loss");
    const lines = byLine(all);
    expect(lines.map((line) => line.length)).toEqual([8, 8, 8, 8]);
    for (const line of lines) {
      const drawn = smoothed(
        line.map(({ value }) => value),
        weight,
      );
      line.forEach((point, i) => expect(point.drawn, `${point.line}, step ${point.x}`).toBeCloseTo(drawn[i]!, 9));
    }
  };
  await expect(slider).toHaveValue("0.8");
  await held(0.8);

  // Each line lies before its own raw one, which is fainter and rougher.
  await expect(loss.locator("path.raw")).toHaveCount(4);
  const order = await loss.locator("path.raw, path.line").evaluateAll((all) => all.map((path) => path.classList[0]));
  expect(order.slice(0, 8)).toEqual([...Array<string>(4).fill("raw"), ...Array<string>(4).fill("line")]);
  const opacity = (of: string) =>
    loss
      .locator(of)
      .first()
      .evaluate((path) => Number(getComputedStyle(path).opacity));
  expect(await opacity("path.raw")).toBeLessThan(0.5);
  expect(await opacity("path.line")).toBe(1);
  expect(await height("path.raw")).toBeGreaterThan(await height("path.line"));
  // What is measured once an epoch is no noise, and stands as it came.
  await expect(lab.chart("Development loss").locator("path.line")).toHaveCount(4);
  await expect(lab.chart("Development loss").locator("path.raw")).toHaveCount(0);

  await slider.press("End");
  await expect(loss.locator("path.raw")).toHaveCount(4);
  await expect(page).toHaveURL(/[?&]smooth=0\.99\b/);
  await expect(page.locator("label.slider output")).toHaveText("0.99");
  await page.reload();
  await expect(slider).toHaveValue("0.99");
  await expect(loss.locator("path.raw")).toHaveCount(4);
  await held(0.99);

  // Not smoothed, a line is what was measured, and nothing lies behind it.
  await slider.press("Home");
  await expect(loss.locator("path.raw")).toHaveCount(0);
  await expect(loss.locator("path.line")).toHaveCount(4);
  await held(0);
});

test("the vertical axis is logarithmic by a switch, for what may be, and the address keeps it", async ({ page }) => {
  const lab = await opened(page);
  const [norm, accuracy] = [lab.chart("Gradient norm"), lab.chart("Sentiment accuracy")];
  const log = page.getByRole("checkbox", { name: "Log y axis" });
  /** How far marks are from where this axis would have them, in pixels. */
  const astray = async (chart: Locator, scale: (value: number) => number) => {
    const all = await marks(chart);
    if (all.length < 3) return Infinity;
    const [first, last] = [all[0]!, all.at(-1)!];
    const share = (value: number) => (scale(value) - scale(first.value)) / (scale(last.value) - scale(first.value));
    return Math.max(...all.map(({ value, y }) => Math.abs(first.y + share(value) * (last.y - first.y) - y)));
  };
  const linear = (value: number) => value;
  await norm.scrollIntoViewIfNeeded();
  expect(await astray(norm, linear)).toBeLessThan(1);
  const before = await marks(accuracy);

  await log.check();
  await expect.poll(() => astray(norm, Math.log)).toBeLessThan(1);
  expect(await astray(norm, linear)).toBeGreaterThan(5);
  // Percents stay on a linear one.
  expect(await marks(accuracy)).toEqual(before);
  expect(page.url()).toMatch(/[?&]log=1\b/);
  for (const path of await norm.locator("path.line").all()) {
    expect(await path.getAttribute("d")).not.toMatch(/NaN|inf/);
  }
  await page.reload();
  await expect(log).toBeChecked();
  await expect(norm.locator("path.line")).toHaveCount(4);
  await expect.poll(() => astray(norm, Math.log)).toBeLessThan(1);
  await log.uncheck();
  await expect.poll(() => astray(norm, linear)).toBeLessThan(1);
  expect(page.url()).not.toContain("log=");
});

test("the horizontal axis is steps, epochs or time on every chart, and the address keeps it", async ({ page }) => {
  const lab = await opened(page);
  const charts = ["Training loss", "Development loss"];
  const title = (chart: string, text: string) => lab.chart(chart).locator("text.tick").getByText(text, { exact: true });
  /** What the points of a line stand at, the same for each of the four. */
  const places = async (chart: string, axis: string) => {
    const { axis: head, points: all } = await points(lab, chart);
    expect(head).toBe(`line,${axis},value,drawn`);
    return byLine(all).map((line) => line.map(({ x }) => x));
  };
  for (const [choice, word, heading, perStep, perEpoch] of [
    ["Step", "step", "Step", [1, 2, 3, 4, 5, 6, 7, 8], [4, 8]],
    ["Epoch", "epoch", "Epoch", [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2], [1, 2]],
  ] as const) {
    await page.getByRole("radio", { name: choice }).check();
    for (const chart of charts) await expect(title(chart, heading)).toBeVisible();
    expect(await places("Training loss", word)).toEqual(Array(4).fill(perStep));
    expect(await places("Development loss", word)).toEqual(Array(4).fill(perEpoch));
  }
  expect(page.url()).toContain("axis=epoch");
  await lab.chart("Training loss").locator(".plot").focus();
  await page.keyboard.press("End");
  await expect(lab.chart("Training loss").locator(".values .at")).toHaveText("epoch 2.00");

  await page.getByRole("radio", { name: "Time" }).check();
  for (const chart of charts) await expect(title(chart, "Training time")).toBeVisible();
  const steps = await places("Training loss", "time");
  const epochs = await places("Development loss", "time");
  for (const [i, times] of steps.entries()) {
    // Each step takes some, and an epoch ends with its last step.
    times.forEach((time, step) => expect(time).toBeGreaterThan(step > 0 ? times[step - 1]! : 0));
    expect(epochs[i]).toEqual([times[3], times[7]]);
  }
  await page.reload();
  await expect(page.getByRole("radio", { name: "Time" })).toBeChecked();
  for (const chart of charts) await expect(title(chart, "Training time")).toBeVisible();
});

test("one crosshair leads over all charts, by pointer and by keys, and the chart that is pointed at reads it", async ({
  page,
}) => {
  // High enough for every chart.
  await page.setViewportSize({ width: 1280, height: 2400 });
  const lab = await opened(page);
  const titles = await page.locator("figure.chart h3").allTextContents();
  expect(titles.length).toBeGreaterThan(4);
  /** Where each chart has the crosshair, as a share of its width; nothing where it has none. */
  const crosshairs = () =>
    page.locator("figure.chart").evaluateAll((all) =>
      all.map((chart) => {
        const d = chart.querySelector("path.crosshair")?.getAttribute("d");
        return d && (Number(/^M([\d.]+)/.exec(d)![1]) / chart.querySelector(".plot")!.clientWidth).toFixed(2);
      }),
    );
  const reading = () => page.locator("figure.chart").filter({ has: page.locator(".values") });
  const everywhere = async (leader: string) => {
    await expect.poll(async () => new Set(await crosshairs()).size).toBe(1);
    const [at] = await crosshairs();
    expect(at).toBeTruthy();
    await expect(reading()).toHaveCount(1);
    await expect(reading().locator("h3")).toHaveText(leader);
    // It marks the values that it reads: here four, elsewhere none.
    await expect(lab.chart(leader).locator("circle.mark")).toHaveCount(4);
    await expect(page.locator("figure.chart circle.mark")).toHaveCount(4);
    return at!;
  };
  const point = async (chart: string, share: number) => {
    const box = (await lab.chart(chart).locator(".plot").boundingBox())!;
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
  };
  await expect(page.locator("path.crosshair")).toHaveCount(0);
  await point("Training loss", 0.4);
  expect(await everywhere("Training loss")).toBe("0.40");
  await point("Gradient norm", 0.7);
  expect(await everywhere("Gradient norm")).toBe("0.70");
  const step = await lab.chart("Gradient norm").locator(".values .at").innerText();
  expect(step).toMatch(/^step [4-7]$/);
  // Beside the charts there is none.
  await page.getByRole("heading", { level: 1 }).hover();
  await expect(page.locator("path.crosshair")).toHaveCount(0);
  await expect(reading()).toHaveCount(0);

  await lab.chart("Learning rate").locator(".plot").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  const third = await everywhere("Learning rate");
  const spoken = lab.chart("Learning rate").getByRole("status");
  await expect(spoken).toHaveText(/^step 3; layernorms/);
  await page.keyboard.press("ArrowRight");
  await expect(spoken).toHaveText(/^step 4; layernorms/);
  expect(Number(await everywhere("Learning rate"))).toBeGreaterThan(Number(third));
});
