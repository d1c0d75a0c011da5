import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { openFinished, runWithWeights, test as looked } from "../src/trained.ts";

test("on paper an experiment is its figures and tables, with every row and nothing to press", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Paper", seeds: "1, 2, 3, 4, 5, 6, 7, 8", train: "32", epochs: "1" });
  await expect(lab.progress).toContainText("16 of 16 finished", { timeout: 60_000 });
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect(page.getByRole("region", { name: "Table of runs" }).locator("tbody tr")).toHaveCount(16);
  await expect(lab.chart("Training loss")).toBeVisible();
  await expect(lab.results).toBeVisible();
  for (const gone of ["Cancel experiment", "Use as template", "Pause queue", "Draw none"])
    await expect(page.getByText(gone, { exact: true }).filter({ visible: true }), gone).toHaveCount(0);
  // Paper is light, whatever the screen is.
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red, green, blue] = /(\d+), (\d+), (\d+)/.exec(ground)!.slice(1).map(Number) as [number, number, number];
  expect(Math.min(red, green, blue)).toBeGreaterThan(230);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
});

looked("with a reader's own colours, what is chosen still differs from what is not", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  const lab = await openFinished(page, 2, 4);
  const ground = (of: string) =>
    page
      .locator(of)
      .filter({ visible: true })
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);
  const here = await ground(".segments input:checked + span");
  expect(here).not.toBe(await ground(".segments input:not(:checked) + span"));
  expect(await ground(".tabs a[aria-current]")).not.toBe(await ground(".tabs a:not([aria-current])"));
  // Lines keep the colours that the list of runs names, one for each mask.
  const colours = await lab
    .chart("Training loss")
    .locator("path.line")
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).stroke));
  expect(new Set(colours).size).toBe(2);
});

test("who wants no motion sees none", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect(lab.runs("running")).toHaveCount(1);
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
});

test("a run that fails has a cross on its line, and the way out beside the reason", async ({ page, program }) => {
  const lab = new Lab(page);
  await lab.fill({ ...LONG, name: "No room", epochs: "4", train: "512" });
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  // Nothing can be written where the run's weights would go.
  await rm(join(program.home, "runs"), { recursive: true, force: true });
  await writeFile(join(program.home, "runs"), "");
  await lab.resume.click();
  await expect(lab.runs("failed")).toHaveCount(1, { timeout: 60_000 });
  const loss = lab.chart("Training loss");
  await expect(loss.locator("path.failure")).toHaveCount(1);
  await expect(loss.getByRole("img")).toHaveAttribute("aria-label", /1 run failed/);
  await expect(page.getByRole("list", { name: "Failures" }).getByRole("listitem")).toHaveCount(1);
  await rm(join(program.home, "runs"));
  await page.getByRole("button", { name: "Retry 1 run" }).first().click();
  await expect(lab.runs("finished")).toHaveCount(1, { timeout: 100_000 });
  await expect(loss.locator("path.failure")).toHaveCount(0);
});

test("the learning rate is drawn before it runs, and follows the protocol as one types", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({ ...SHORT, rates: "1e-3, 5e-4", epochs: "4", train: "160" });
  const panel = page.locator("details").filter({ has: page.getByRole("heading", { name: "Schedule" }) });
  await panel.locator("summary").click();
  const picture = panel.getByRole("img").first();
  await expect(picture).toHaveAttribute("aria-label", /Peaks: 1e-3, 5e-4\. Sentiment: 40 steps, 4 of warm-up\./);
  const row = panel.getByRole("table").getByRole("row").nth(1);
  // 160 examples in batches of 16, four times, a tenth of it warm-up.
  await expect(row.getByRole("cell")).toHaveText(["4", "10", "40", "4"]);
  const curve = () => picture.locator("path.line").first().getAttribute("d");
  const linear = await curve();
  await lab.field("Learning rate after the warm-up").selectOption("stays as it is");
  await expect.poll(curve).not.toBe(linear);
  await lab.field("Epochs").fill("2");
  await expect(row.getByRole("cell")).toHaveText(["2", "10", "20", "2"]);
});

/** A page of experiments that are over, or the form, as it is looked at on paper and in a reader's own colours. */
interface Look {
  open: (page: Page, run: string) => Promise<void>;
  /** The fewest figures that it has. */
  figures: number;
  /** What is chosen, and the like of it that is not: told by their grounds on the screen, and not there on paper. */
  choices: [string, string][];
  /** What tells something by its ground on paper, too, and the like of it that tells something else. */
  grounds: [string, string][];
}

const TABS: [string, string] = [".tabs a[aria-current]", ".tabs a:not([aria-current])"];
const CHOICES: [string, string] = [".choices a[aria-current]", ".choices a:not([aria-current])"];
const SEGMENTS: [string, string] = [".segments input:checked + span", ".segments input:not(:checked) + span"];

const looks: Record<string, Look> = {
  experiment: {
    open: async (page) => {
      await page.goto("/experiments/1?mask=layernorms,frozen");
      const lab = new Lab(page);
      await expect(lab.runs("finished")).toHaveCount(8);
      await expect(lab.chart("Training loss").locator("path.line")).toHaveCount(8);
      await expect(lab.results).toBeVisible();
    },
    figures: 2,
    choices: [[".chip[aria-pressed=true]", ".chip[aria-pressed=false]"], SEGMENTS, TABS],
    grounds: [[".bar > span", ".bar"]],
  },
  run: {
    open: async (page, run) => {
      await page.goto(`/experiments/1/runs/${run}`);
      await expect(new Lab(page).chart("Training loss").locator("path.line")).toHaveCount(1);
      await expect(page.getByRole("region", { name: /^Log of the run/ })).toContainText("Finished after");
    },
    figures: 2,
    choices: [],
    grounds: [[".bar > span", ".bar"]],
  },
  weights: {
    open: async (page, run) => {
      await page.goto(`/experiments/1/weights?run=${run}`);
      await expect(page.getByRole("figure").filter({ hasText: /^Drift of/ })).toBeVisible();
    },
    figures: 2,
    choices: [CHOICES, TABS],
    grounds: [],
  },
  compare: {
    open: async (page) => {
      await page.goto("/compare?of=1,2");
      await expect(new Lab(page).chart("Training loss").locator("path.line").first()).toBeAttached();
      await expect(page.getByRole("region", { name: /Scores beside each other/ })).toBeVisible();
    },
    figures: 2,
    choices: [SEGMENTS],
    grounds: [],
  },
  verdicts: {
    open: async (page) => {
      await page.goto("/experiments/1/verdicts");
      await expect(page.getByRole("figure").first()).toBeVisible();
    },
    figures: 2,
    choices: [CHOICES, TABS],
    grounds: [],
  },
  table: {
    open: async (page) => {
      await page.goto("/experiments/1/table");
      await expect(page.getByRole("region", { name: "Modules by task" })).toBeVisible();
      await expect(page.getByRole("figure").getByRole("link").first()).toBeVisible();
    },
    figures: 1,
    choices: [CHOICES, TABS],
    grounds: [],
  },
  "learning rates": {
    open: async (page) => {
      await page.goto("/experiments/1/rates");
      await expect(page.getByRole("figure").getByRole("link").first()).toBeVisible();
      await page.getByText("Every learning rate and seed as a table").click();
      await expect(page.getByRole("region", { name: /learning rates/ }).first()).toBeVisible();
    },
    figures: 1,
    choices: [TABS],
    grounds: [],
  },
  "a sentence": {
    open: async (page) => {
      await page.goto("/experiments/1/try?text=the%20food%20was%20good");
      await expect(page.getByRole("region", { name: "What each mask says" }).locator("tbody tr")).toHaveCount(3);
    },
    figures: 0,
    choices: [TABS],
    grounds: [[".mean-bar > b", ".mean-bar"]],
  },
  words: {
    open: async (page) => {
      await page.goto("/experiments/5/try?on=tags&text=the%20old%20cat%20sleeps");
      await expect(page.getByRole("list", { name: "What each mask says" }).locator(":scope > li")).toHaveCount(3);
    },
    figures: 0,
    choices: [TABS],
    // Each word has its tag below it, whatever becomes of its colour.
    grounds: [],
  },
  "the form": {
    open: async (page) => {
      await page.goto("/new");
      const lab = new Lab(page);
      await expect(lab.start).toBeEnabled();
      await lab.openProtocol();
      const painter = page.getByRole("group", { name: "Paint a mask" });
      await painter.getByLabel("Mask as text").fill("layers(1).query + largest:16 in layers(2).key");
      await expect(painter.locator(".painter-cell > .g1").first()).toBeAttached();
      await expect(lab.plan).toContainText("on this machine");
    },
    figures: 0,
    choices: [],
    grounds: [
      [".painter-cell > .g2", ".painter-cell > .g0"],
      [".painter-cell > .g1", ".painter-cell > .g0"],
    ],
  },
};

/** Of the first that is seen of these, its ground. */
const groundOf = (page: Page, of: string) =>
  page
    .locator(of)
    .filter({ visible: true })
    .first()
    .evaluate((element) => {
      const { backgroundColor, backgroundImage } = getComputedStyle(element);
      return `${backgroundColor} ${backgroundImage}`;
    });

/** Texts of which a part is cut off. On paper nothing scrolls; on the screen what scrolls is not cut. */
const cutOff = (page: Page, cuts: RegExp) =>
  page.locator("main").evaluate((main, source) => {
    const cuts = new RegExp(source);
    const all = [...main.querySelectorAll<HTMLElement>("*")].filter((element) => {
      if (!(element instanceof HTMLElement) || element.clientWidth <= 1 || !element.innerText?.trim()) return false;
      const { overflowX, overflowY } = getComputedStyle(element);
      const wide = cuts.test(overflowX) && element.scrollWidth > element.clientWidth + 1;
      return wide || (cuts.test(overflowY) && element.scrollHeight > element.clientHeight + 1);
    });
    return all.map((element) => `${element.tagName}.${element.className}: ${element.innerText.slice(0, 60)}`);
  }, cuts.source);

/** The figures that are drawn, with their widths. */
const figures = (page: Page) =>
  page.locator("main figure").evaluateAll((all) =>
    all
      .filter((figure) => figure.checkVisibility())
      .map((figure) => ({
        title: figure.querySelector("h3, figcaption")?.textContent ?? "",
        right: Math.round(figure.getBoundingClientRect().right),
        drawn: [...figure.querySelectorAll("svg")].some((svg) => svg.getBoundingClientRect().width > 100),
      })),
  );

looked(
  "on paper every page of an experiment is its figures and words, whole, with nothing to press",
  async ({ page, program }) => {
    const run = await runWithWeights(page, "full");
    // A4 within the margins of a browser.
    const width = 718;
    for (const [name, { open, figures: least, grounds }] of Object.entries(looks)) {
      await open(page, run);
      const [title, onScreen] = [await page.getByRole("heading", { level: 1 }).innerText(), await figures(page)];
      expect(onScreen.length, name).toBeGreaterThanOrEqual(least);
      await page.setViewportSize({ width, height: 1050 });
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await expect(page.getByRole("heading", { level: 1 }), name).toHaveText(title);
      for (const gone of [
        page.getByRole("banner"),
        page.getByRole("navigation", { name: "Experiment" }),
        page.getByRole("button", { name: /^(Download|Hide|Move|Show .* first|Cancel|Retry|Edit|Delete)/ }),
      ])
        await expect(gone.filter({ visible: true }), name).toHaveCount(0);
      // Every figure that is seen on the screen is printed, within the page.
      const titles = (of: typeof onScreen) => of.map((figure) => figure.title);
      await expect.poll(async () => titles(await figures(page)), name).toEqual(titles(onScreen));
      await expect.poll(async () => (await figures(page)).filter((figure) => !figure.drawn), name).toEqual([]);
      await expect.poll(async () => (await figures(page)).filter(({ right }) => right > width), name).toEqual([]);
      await expect.poll(() => cutOff(page, /hidden|clip|auto|scroll/), name).toEqual([]);
      // Browsers print no grounds but those that ask for it.
      for (const ground of new Set(grounds.flat()))
        await expect(page.locator(ground).first(), `${name}: ${ground}`).toHaveCSS("print-color-adjust", "exact");
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide, `${name}: as wide as the paper`).toBeLessThanOrEqual(width);
      await page.emulateMedia({ media: null, colorScheme: null });
      await page.setViewportSize({ width: 1280, height: 900 });
    }
  },
);

looked("in a reader's own colours every page tells what is chosen, and cuts no text", async ({ page }) => {
  const run = await runWithWeights(page, "full");
  for (const [name, { open, figures: least, choices, grounds }] of Object.entries(looks)) {
    await page.emulateMedia({ forcedColors: null });
    await open(page, run);
    const before = await cutOff(page, /hidden|clip/);
    await page.emulateMedia({ forcedColors: "active" });
    for (const [is, isNot] of [...choices, ...grounds]) {
      expect(await groundOf(page, is), `${name}: ${is}`).not.toBe(await groundOf(page, isNot));
    }
    expect(await cutOff(page, /hidden|clip/), name).toEqual(before);
    // Neither lines nor words of a figure have the colour of the ground.
    const unseen = await page.locator("main figure").evaluateAll((all) => {
      const ground = getComputedStyle(document.body).backgroundColor;
      const shown = all.filter((figure) => figure.checkVisibility());
      const inks = shown.flatMap((figure) => [
        ...[...figure.querySelectorAll("path.line")].map((line) => getComputedStyle(line).stroke),
        ...[...figure.querySelectorAll("svg text, h3")].map(
          (text) => getComputedStyle(text)[text.tagName === "H3" ? "color" : "fill"],
        ),
      ]);
      return { inks: inks.length, unseen: inks.filter((ink) => ink === ground).length };
    });
    if (least > 0) expect(unseen.inks, name).toBeGreaterThan(10);
    expect(unseen.unseen, name).toBe(0);
  }
});
