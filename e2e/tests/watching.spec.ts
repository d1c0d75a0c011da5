import type { Locator, Page } from "@playwright/test";
import type { Lab } from "../src/lab.ts";
import { expect, openFinished, test } from "../src/trained.ts";

interface Place {
  x: number;
  y: number;
}

/** Drags over a plot, between places in shares of its size. */
async function drag(plot: Locator, from: Place, to: Place): Promise<void> {
  await plot.scrollIntoViewIfNeeded();
  const box = (await plot.boundingBox())!;
  const mouse = plot.page().mouse;
  const at = ({ x, y }: Place) => [box.x + box.width * x, box.y + box.height * y] as const;
  await mouse.move(...at(from));
  await mouse.down();
  await mouse.move(...at({ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }));
  await mouse.move(...at(to));
  await mouse.up();
}

/** What stands at an axis and where, such as `10@128.4`. */
const ticks = (chart: Locator, axis: "x" | "y") =>
  chart
    .locator(`text.tick[text-anchor=${axis === "x" ? "middle" : "end"}]`)
    .evaluateAll((all, axis) => all.map((tick) => `${tick.textContent}@${tick.getAttribute(axis)}`), axis);

const titles = (lab: Lab) => lab.page.locator("figure.chart h3").allTextContents();

/** An experiment that is over, of four runs of 64 steps. */
const finished = async (page: Page) => {
  const lab = await openFinished(page, 4, 4);
  // What is measured before a change is of all lines.
  for (const title of ["Training loss", "Gradient norm"])
    await expect(lab.chart(title).locator("path.line")).toHaveCount(4);
  return lab;
};

test("a part of either axis is shown, moved and kept in the address", async ({ page }) => {
  const lab = await finished(page);
  const [loss, norm] = [lab.chart("Training loss"), lab.chart("Gradient norm")];
  const plot = loss.locator(".plot");
  await expect(loss.locator("text.tick", { hasText: "Step" })).toBeVisible();
  const whole = { x: await ticks(loss, "x"), y: await ticks(loss, "y"), norm: await ticks(norm, "y") };

  // Upwards: the values of this chart alone.
  await drag(plot, { x: 0.5, y: 0.2 }, { x: 0.52, y: 0.5 });
  await expect.poll(() => ticks(loss, "y")).not.toEqual(whole.y);
  expect(await ticks(loss, "x")).toEqual(whole.x);
  await expect.poll(() => ticks(norm, "y")).toEqual(whole.norm);
  await expect.poll(() => page.url()).toMatch(/[?&]y=loss:[\d.]+\.\.[\d.]+$/);
  // What stands in the address is rounded to less than is seen: the same ticks, within a pixel.
  const labels = async () => (await ticks(loss, "y")).map((tick) => tick.split("@")[0]);
  const part = await labels();
  await page.reload();
  // An empty chart has these ticks, too: they come from the address.
  await expect(loss.locator("path.line").first()).toBeAttached();
  await expect.poll(labels).toEqual(part);
  await expect.poll(() => ticks(norm, "y")).toEqual(whole.norm);
  await plot.dblclick();
  await expect.poll(() => ticks(loss, "y")).toEqual(whole.y);
  expect(page.url()).not.toMatch(/[?&]y=/);

  // To the side: the steps of every chart; with Shift they move.
  await drag(plot, { x: 0.3, y: 0.5 }, { x: 0.6, y: 0.5 });
  await expect.poll(() => ticks(norm, "x")).not.toEqual(whole.x);
  const zoomed = await ticks(loss, "x");
  await expect.poll(() => page.url()).toMatch(/[?&]x=[\d.]+\.\.[\d.]+/);
  await page.keyboard.down("Shift");
  await drag(plot, { x: 0.2, y: 0.5 }, { x: 0.7, y: 0.5 });
  await page.keyboard.up("Shift");
  await expect.poll(() => ticks(loss, "x")).not.toEqual(zoomed);
  const moved = await ticks(loss, "x");
  expect(parseFloat(moved[0]!)).toBeLessThan(parseFloat(zoomed[0]!));
  await page.reload();
  await expect.poll(() => ticks(loss, "x")).toEqual(moved);

  // The same with keys.
  await plot.focus();
  await page.keyboard.press(".");
  await expect.poll(() => ticks(loss, "x")).not.toEqual(moved);
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => ticks(loss, "y")).not.toEqual(whole.y);
  await page.keyboard.press("Escape");
  await expect.poll(() => ticks(loss, "x")).toEqual(whole.x);
  await expect.poll(() => ticks(loss, "y")).toEqual(whole.y);
  expect(page.url()).not.toMatch(/[?&][xy]=/);

  // A link opens with a part of both.
  await page.goto(`${new URL(page.url()).pathname}?x=10..40&y=loss:0.5..0.6,norm:0..2`);
  await expect.poll(() => ticks(loss, "y")).toContainEqual(expect.stringMatching(/^0\.50?@/));
  await expect.poll(() => ticks(norm, "y")).toContainEqual(expect.stringMatching(/^2(\.0)?@/));
});

test("outliers are ignored by a switch, which stands in the address", async ({ page }) => {
  const lab = await finished(page);
  const norm = lab.chart("Gradient norm");
  const grid = norm.locator("path.line").first();
  const before = await grid.getAttribute("d");
  await page.getByRole("checkbox", { name: "Ignore outliers" }).check();
  await expect(grid).not.toHaveAttribute("d", before!);
  expect(page.url()).toContain("outliers=ignore");
  await page.reload();
  await expect(page.getByRole("checkbox", { name: "Ignore outliers" })).toBeChecked();
});

test("the horizontal axis is logarithmic by a switch, which stands in the address", async ({ page }) => {
  const lab = await finished(page);
  const [loss, rate] = [lab.chart("Training loss"), lab.chart("Learning rate")];
  const places = async (chart: Locator) =>
    new Map((await ticks(chart, "x")).map((tick) => tick.split("@") as [string, string]));
  await page.getByRole("checkbox", { name: "Log x axis" }).check();
  await expect(loss.locator("text.tick", { hasText: "Step (log)" })).toBeVisible();
  const [one, ten] = [await places(loss), await places(rate)].map((found) => [found.get("1"), found.get("10")]);
  expect(one).toEqual(ten);
  expect(Number(one![0])).toBeLessThan(Number(one![1]));
  // A decade from the first step on takes more than half of an axis of 64 steps.
  const box = (await loss.locator(".plot").boundingBox())!;
  expect(Number(one![1]) - Number(one![0])).toBeGreaterThan(box.width * 0.45);
  for (const path of await loss.locator("path.line").all()) {
    expect(await path.getAttribute("d")).not.toMatch(/NaN|inf|-\d/);
  }
  expect(page.url()).toContain("logx=1");

  // Keys read it, and a part of it is moved.
  await loss.locator(".plot").focus();
  await page.keyboard.press("Home");
  await expect(loss.locator(".values .at")).toHaveText("step 1");
  await page.keyboard.press("+");
  await expect.poll(() => ticks(rate, "x")).not.toContain(`10@${one![1]}`);
  await page.reload();
  await expect(page.getByRole("checkbox", { name: "Log x axis" })).toBeChecked();
  // Time begins with the first step, too.
  await page.getByRole("radio", { name: "Time" }).check();
  await expect(loss.locator("text.tick", { hasText: "Training time (log)" })).toBeVisible();
  await expect(loss.locator("path.line")).toHaveCount(4);
  await page.getByRole("checkbox", { name: "Log x axis" }).uncheck();
  expect(page.url()).not.toContain("logx");
});

test("charts are put in another order by mouse and by keyboard, which stands in the address", async ({ page }) => {
  const lab = await finished(page);
  const all = await titles(lab);
  const [first, second, third] = all;
  const move = (title: string, way: string) => page.getByRole("button", { name: `Move ${title} ${way}`, exact: true });
  await move(second!, "earlier").click();
  await expect.poll(() => titles(lab)).toEqual([second, first, ...all.slice(2)]);
  expect(page.url()).toMatch(/[?&]order=/);

  // The button that moved a chart keeps the focus, so that it goes on moving, also at the end.
  await move(first!, "later").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => titles(lab)).toEqual([second, third, first, ...all.slice(3)]);
  await expect(move(first!, "later")).toBeFocused();
  /** Presses until the first chart has moved to a place, once its button has the focus again each time. */
  const press = async (way: string, to: number) => {
    const others = all.slice(1);
    await expect(move(first!, way)).toBeFocused();
    await page.keyboard.press("Enter");
    await expect.poll(() => titles(lab)).toEqual([...others.slice(0, to), first, ...others.slice(to)]);
  };
  for (let to = 3; to < all.length; to += 1) await press("later", to);
  await expect(move(first!, "later")).toBeFocused();
  await expect(move(first!, "later")).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("Enter");
  const moved = await titles(lab);
  expect(moved).toEqual([...all.slice(1), first]);

  // A link shows the same order; what stands as usual again is not said.
  await page.reload();
  await expect.poll(() => titles(lab)).toEqual(moved);
  await move(first!, "earlier").focus();
  for (let to = all.length - 2; to >= 0; to -= 1) await press("earlier", to);
  expect(page.url()).not.toMatch(/[?&]order=/);
});

test("charts are put first, hidden, brought back and shown on the full screen; what the reader likes is remembered", async ({
  page,
}) => {
  const lab = await finished(page);
  const all = await titles(lab);
  expect(all[0]).toBe("Training loss");
  await page.getByRole("button", { name: "Show Gradient norm first" }).click();
  await expect.poll(() => titles(lab)).toEqual(["Gradient norm", ...all.filter((title) => title !== "Gradient norm")]);
  await page.getByRole("button", { name: "Hide Learning rate", exact: true }).click();
  const shown = ["Gradient norm", ...all.filter((title) => !["Gradient norm", "Learning rate"].includes(title))];
  await expect.poll(() => titles(lab)).toEqual(shown);

  // Another page of the experiment and back: as it was left.
  await lab.tab("Table").click();
  await lab.tab("Runs").click();
  await expect.poll(() => titles(lab)).toEqual(shown);
  // An address that says nothing: as the reader likes it.
  await page.goto(page.url().split("?")[0]!);
  await expect.poll(() => titles(lab)).toEqual(shown);
  await page.getByRole("group", { name: "Show hidden charts" }).getByRole("button", { name: "Learning rate" }).click();
  await expect.poll(async () => (await titles(lab)).length).toBe(all.length);

  const loss = lab.chart("Training loss");
  const low = (await loss.getByRole("img").boundingBox())!.height;
  await page.getByRole("button", { name: "Training loss on the full screen" }).click();
  await expect.poll(async () => (await loss.getByRole("img").boundingBox())!.height).toBeGreaterThan(2 * low);
  await page.getByRole("button", { name: "Training loss on the full screen" }).click();
  await expect.poll(async () => (await loss.getByRole("img").boundingBox())!.height).toBe(low);
});
