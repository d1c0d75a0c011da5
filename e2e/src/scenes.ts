import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { beginDiverging, Lab, LONG, SHORT } from "./lab.ts";
import { expect } from "./test.ts";

/** Leaves the page ready to be looked at. */
type Scene = (page: Page) => Promise<void>;

/** The form, from empty to a study. */
const form: Record<string, Scene> = {
  welcome: async (page) => {
    await page.goto("/");
    await expect(new Lab(page).start).toBeEnabled();
  },
  form: async (page) => {
    await page.goto("/new");
    const lab = new Lab(page);
    await expect(lab.start).toBeEnabled();
    await lab.openProtocol();
  },
  "form-errors": async (page) => {
    const lab = new Lab(page);
    await page.goto("/new");
    await lab.field("Learning rates").fill("fast");
    await lab.field("Model").fill("/no/such/model");
    await expect(lab.field("Learning rates")).toHaveAttribute("aria-invalid", "true");
    await expect(lab.field("Model")).toHaveAttribute("aria-invalid", "true");
  },
  "own-data-asked": async (page) => {
    const folder = await mkdtemp(join(tmpdir(), "tunemask-own-"));
    const text = (n: number) =>
      `The ${["tea", "bread", "soup"][n % 3]} was ${["fine", "poor", "so-so"][n % 3]} at table ${n}`;
    const rows = Array.from({ length: 120 }, (_, n) => `${n},"${text(n)}${", again".repeat(n % 40)}",${n % 3}\n`);
    await writeFile(join(folder, "train.csv"), `id,review,stars\n${rows.join("")}`);
    await writeFile(join(folder, "notes.csv"), "id,note\n1,none\n");
    const lab = new Lab(page);
    await page.goto("/new");
    await lab.field("Data folder").fill(folder);
    const own = page.getByRole("region", { name: "Data of your own" });
    await expect(own.getByLabel("Kind")).toHaveAttribute("aria-invalid", "true");
  },
  "own-data": async (page) => {
    // The one before goes on.
    const own = page.getByRole("region", { name: "Data of your own" });
    await own.getByLabel("Kind").selectOption("classification");
    await expect(own.getByRole("region", { name: "Labels" })).toBeVisible();
    await page.getByLabel("Use files of your own").setInputFiles({
      name: "table.xlsx",
      mimeType: "application/octet-stream",
      buffer: Buffer.from("PK"),
    });
    await expect(page.getByText("table.xlsx: a spreadsheet")).toBeVisible();
  },
  study: async (page) => {
    await page.goto("/new?study=table4-quick");
    await expect(new Lab(page).plan).toContainText("on this machine");
  },
};

/** An experiment while it runs, its results, and the list with it. */
const experiment: Record<string, Scene> = {
  running: async (page) => {
    const lab = new Lab(page);
    await lab.begin({
      ...SHORT,
      name: "Modules",
      masks: ["full", "layernorms", "bitfit", "frozen"],
      rates: "1e-3, 5e-3",
    });
    await expect(lab.runs("finished").first()).toBeVisible();
  },
  finished: async (page) => {
    const lab = new Lab(page);
    await page.goto("/experiments/1");
    await expect(lab.runs("finished")).toHaveCount(16, { timeout: 100_000 });
  },
  sorted: async (page) => {
    await page.goto("/experiments/1?group=seeds&sort=-best&axis=epoch&mask=layernorms,full");
    await expect(new Lab(page).runs("finished")).toHaveCount(8);
  },
  run: async (page) => {
    await page.goto("/experiments/1");
    const runs = page.getByRole("region", { name: "Table of runs" });
    await runs.getByRole("link", { name: "layernorms" }).first().click();
    await page.waitForURL(/\/runs\//);
    await expect(page.getByRole("table").getByRole("row")).toHaveCount(3);
  },
  table: async (page) => {
    await page.goto("/experiments/1/table");
    await expect(page.getByRole("region", { name: "Modules by task" })).toBeVisible();
  },
  verdicts: async (page) => {
    await page.goto("/experiments/1/verdicts");
    await expect(page.getByRole("figure").first()).toBeVisible();
    for (const fold of ["All verdicts as a table", "Every pair of masks"]) {
      await page.locator("summary", { hasText: fold }).click();
    }
    await page.getByText("Show numbers").first().click();
    await expect(page.getByRole("region", { name: "Verdicts on the paper's claims" })).toBeVisible();
  },
  rates: async (page) => {
    await page.goto("/experiments/1/rates");
    await expect(page.getByRole("figure").getByRole("link").first()).toBeVisible();
    await page.getByText("Every learning rate and seed as a table").click();
    await expect(page.getByRole("region", { name: /learning rates/ }).first()).toBeVisible();
  },
  weights: async (page) => {
    await page.goto("/experiments/1/weights");
    await page.getByRole("link", { name: /^full, Sentiment/ }).click();
    await page.getByText("Figures of all modules").click();
    await expect(page.locator("figure.picture").getByRole("img", { name: /./ })).toHaveCount(16);
    await expect(page.getByRole("figure").filter({ hasText: /^Drift of/ })).toBeVisible();
  },
  try: async (page) => {
    await page.goto("/experiments/1/try?text=the%20food%20was%20good");
    await expect(page.getByRole("region", { name: "What each mask says" })).toBeVisible();
    await expect(page.getByRole("list", { name: "Examples" })).toBeVisible();
  },
  list: async (page) => {
    await page.goto("/");
    await expect(page.getByRole("link", { name: "Modules" })).toBeVisible();
  },
};

/** Layouts of the table, words with tags, and runs beside each other. */
const layouts: Record<string, Scene> = {
  layers: async (page) => {
    const lab = new Lab(page);
    await lab.fill({
      ...SHORT,
      name: "Numbered",
      tasks: ["Sentiment", "Tags"],
      masksOf: { Blocks: "1, 2", "Outliers in each LayerNorm": "4", "Drawn in each LayerNorm": "4" },
      seeds: "1, 2",
      epochs: "1",
      train: "64",
    });
    await lab.start.click();
    await expect(lab.runs("finished")).toHaveCount(24, { timeout: 100_000 });
    await page.goto("/experiments/1/table?layout=layers");
    await expect(page.getByRole("figure").getByRole("link").first()).toBeVisible();
  },
  outliers: async (page) => {
    await page.goto("/experiments/1/table?layout=outliers");
    await expect(page.getByRole("figure").getByRole("link").first()).toBeVisible();
  },
  tags: async (page) => {
    await page.goto("/experiments/1/try?on=tags&text=the%20old%20cat%20sleeps");
    await expect(page.getByRole("list", { name: "What each mask says" }).locator(":scope > li")).toHaveCount(6);
    await page.getByText("Each seed").first().click();
  },
  "compare-runs": async (page) => {
    await page.goto("/experiments/1");
    const runs = page.locator(".run-list li");
    for (const at of [0, 1]) {
      const choose = runs.nth(at).getByRole("checkbox", { name: /^Choose/ });
      await choose.check({ force: true });
    }
    await page.getByRole("link", { name: "Compare 2" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("2 runs compared");
    await expect(page.getByRole("region", { name: /Scores beside each other/ })).toBeVisible();
  },
};

/** What failed, and what is not there. */
const failures: Record<string, Scene> = {
  failed: async (page) => {
    // Data that change while their runs wait are no longer what was asked for: the runs say so and end.
    const folder = await mkdtemp(join(tmpdir(), "tunemask-glue-"));
    await mkdir(join(folder, "RTE"));
    const rows = (label: string) => `index\tsentence1\tsentence2\tlabel\n0\tIt rains.\tIt is wet.\t${label}\n`;
    for (const file of ["train.tsv", "dev.tsv"]) await writeFile(join(folder, "RTE", file), rows("entailment"));
    const lab = new Lab(page);
    await lab.fill({ ...SHORT, name: "Changed data", tasks: [] });
    await lab.field("Data folder").fill(folder);
    await lab.box("RTE").check();
    await expect(page.getByText("holds RTE")).toBeVisible();
    await lab.pause.click();
    await expect(lab.resume).toBeVisible();
    await lab.start.click();
    await page.waitForURL(/\/experiments\/\d+/);
    await writeFile(join(folder, "RTE", "train.tsv"), rows("not_entailment"));
    await lab.resume.click();
    await expect(lab.runs("failed")).toHaveCount(4);
    await rm(folder, { recursive: true });
  },
  "failed-run": async (page) => {
    // The one before goes on.
    await new Lab(page).runs("failed").getByRole("link").first().click();
    await page.waitForURL(/\/runs\//);
    await expect(page.getByRole("region", { name: /^Log of the run/ })).toContainText("changed");
  },
  diverged: async (page) => {
    const lab = new Lab(page);
    await beginDiverging(lab, { ...SHORT, name: "Too fast", masks: ["layernorms"], rates: "1e-3, 1", seeds: "1" });
    await expect(lab.runs("failed")).toHaveCount(1, { timeout: 60_000 });
    await expect(lab.runs("finished")).toHaveCount(1, { timeout: 60_000 });
    await expect(lab.chart("Training loss").locator("path.failure")).toHaveCount(1);
  },
  "report-missing": async (page) => {
    await page.goto("/experiments/99/table");
    await expect(page.getByRole("alert")).toContainText("no experiment 99");
  },
  missing: async (page) => {
    await page.goto("/experiments/99");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  },
};

/** What opens over a page, and pages that few come to. */
const dialogs: Record<string, Scene> = {
  machine: async (page) => {
    await new Lab(page).begin({ ...LONG, name: "Long" });
    await page.getByRole("banner").locator(".machine > summary").click();
    const panel = page.getByRole("group", { name: "Machine and queue" });
    await expect(panel.getByRole("meter", { name: "Processor" })).toBeVisible();
  },
  "cancel-asked": async (page) => {
    await page.goto("/experiments/1");
    await new Lab(page).cancel.click();
    await expect(page.getByRole("dialog", { name: /^Cancel experiment/ })).toBeVisible();
  },
  preferences: async (page) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Preferences" }).click();
    await expect(page.getByRole("dialog", { name: "Preferences" })).toBeVisible();
  },
  keys: async (page) => {
    await page.goto("/");
    await expect(page.getByRole("link", { name: "Long", exact: true })).toBeVisible();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard and mouse" })).toBeVisible();
  },
  colours: async (page) => {
    const lab = new Lab(page);
    await page.goto("/experiments/1");
    await lab.cancelAll();
    await lab.begin({ ...SHORT, name: "Short", train: "64", epochs: "1" });
    await expect(lab.runs("finished")).toHaveCount(4, { timeout: 60_000 });
    await page.getByText("Colours", { exact: true }).click();
    await expect(page.locator(".palette")).toBeVisible();
  },
  "weights-to-keep": async (page) => {
    await page.goto("/experiments/2");
    await page.getByRole("button", { name: "Weights to keep" }).click();
    await expect(page.getByRole("dialog", { name: /^Whose weights/ }).getByRole("status")).not.toBeEmpty();
  },
  "delete-asked": async (page) => {
    await page.goto("/experiments/2");
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(page.getByRole("dialog", { name: /^Delete experiment/ }).getByRole("status")).toContainText("free");
  },
  editor: async (page) => {
    await page.goto("/experiments/2");
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await expect(page.getByRole("form", { name: "Name, note and tags" })).toBeVisible();
  },
  compare: async (page) => {
    await page.goto("/compare?of=1,2");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("2 experiments compared");
    await expect(page.getByRole("region", { name: /Scores beside each other/ })).toBeVisible();
  },
  nowhere: async (page) => {
    await page.goto("/no/such/page");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("No such page");
  },
};

/** Every page in every state that looks different: stories, each of a lab of its own, of scenes that follow one another. */
export const STORIES = { form, experiment, layouts, failures, dialogs };
