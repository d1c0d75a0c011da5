import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Locator, Page } from "@playwright/test";
import { expect } from "./test.ts";

/** Chromium takes ten files of a page within a second, and drops those beyond without a word. Milliseconds. */
const SAVED_EVERY = 110;

/** What a test writes into the form; all else keeps its default. */
export interface Setup {
  name?: string;
  tasks?: string[];
  masks?: string[];
  /** Texts of the fields of masks with a number, by their labels. */
  masksOf?: Record<string, string>;
  rates?: string;
  seeds?: string;
  epochs?: string;
  train?: string;
  evaluation?: string;
}

/** Ends within a few seconds. */
export const SHORT: Setup = {
  name: "Short",
  tasks: ["Sentiment"],
  masks: ["layernorms", "frozen"],
  rates: "1e-3",
  seeds: "1, 2",
  epochs: "2",
  train: "256",
  evaluation: "128",
};

/** Goes on for longer than any test. */
export const LONG: Setup = { ...SHORT, name: "Long", masks: ["full"], seeds: "1", epochs: "100", train: "" };

/** An Adam that remembers one step: with the highest learning rate there may be, `1`, LayerNorms are no longer finite soon. */
export const DIVERGING = { "Adam β₂": "0", "Adam ε": "1e-37" };

const TASKS = ["Acceptability", "Questions", "Sentiment", "Tags"];
const MASKS = ["full", "mha", "ffn", "layernorms", "layernorm_a", "layernorm_f", "bitfit", "frozen"];

/** A file that the page saved. */
export interface Saved {
  name: string;
  bytes: Buffer;
  text: string;
}

/** The classes of all that is drawn so. Of many lines those of one style are one path, which says how many they are. */
export async function drawn(paths: Locator): Promise<string[]> {
  return paths.evaluateAll((all) =>
    all.flatMap((path) =>
      Array<string>(Number(path.getAttribute("data-joined") ?? 1)).fill(path.getAttribute("class")!),
    ),
  );
}

/** The page as a user sees it. */
export class Lab {
  constructor(readonly page: Page) {}

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  box(name: string): Locator {
    return this.page.getByRole("checkbox", { name: new RegExp(`^${name}\\b`) });
  }

  mask(name: string): Locator {
    return this.page
      .getByRole("group", { name: "Masks" })
      .getByRole("checkbox")
      .and(this.page.locator(`[value="${name}"]`));
  }

  get start(): Locator {
    return this.page.getByRole("button", { name: "Start", exact: true });
  }

  private table(section: RegExp): Locator {
    return this.page.getByRole("region", { name: section }).first().getByRole("table");
  }

  get results(): Locator {
    return this.table(/^Results/);
  }

  /** Rows of the table of runs that hold this word. */
  runs(status: string): Locator {
    const word = this.page.getByText(status, { exact: true });
    return this.table(/^Runs/).getByRole("row").filter({ has: word });
  }

  /** One of the pages of an experiment. */
  tab(name: string): Locator {
    return this.page.getByRole("navigation", { name: "Experiment" }).getByRole("link", { name, exact: true });
  }

  /** What the form's experiment would take. */
  get plan(): Locator {
    return this.page.getByRole("list", { name: "Plan" });
  }

  chart(title: string): Locator {
    return this.page.getByRole("figure").filter({ has: this.page.getByRole("heading", { name: title, exact: true }) });
  }

  /** Where the experiment stands: its bar, its words, the time left. */
  get progress(): Locator {
    return this.page.locator(".progress.large");
  }

  /** The sign that says whether what is shown is what is. */
  get sign(): Locator {
    return this.page.getByRole("banner").getByRole("status");
  }

  get pause(): Locator {
    return this.page.getByRole("button", { name: "Pause queue" });
  }

  get resume(): Locator {
    return this.page.getByRole("button", { name: "Resume queue" });
  }

  get cancel(): Locator {
    return this.page.getByRole("button", { name: "Cancel experiment" });
  }

  /** Cancels the experiment, and says yes to the question. */
  async cancelAll(): Promise<void> {
    await this.cancel.click();
    await this.page
      .getByRole("dialog", { name: /^Cancel experiment/ })
      .getByRole("button", { name: "Cancel runs" })
      .click();
  }

  /** Cancels one run by its button, and says yes to the question. */
  async cancelRun(button: Locator): Promise<void> {
    await button.click();
    await this.page
      .getByRole("dialog", { name: "Cancel this run?" })
      .getByRole("button", { name: "Cancel run", exact: true })
      .click();
  }

  /** Shows the fields that have the paper's values. */
  async openProtocol(): Promise<void> {
    const title = this.page.getByText("Protocol", { exact: true });
    // It is open already where something in it differs from the paper.
    const open = await title.evaluate((element) => element.closest("details")?.open);
    if (!open) await title.click();
  }

  /** Opens the form from the list, as a user would, and fills it in. */
  async fill(setup: Setup): Promise<void> {
    await this.page.goto("/");
    await this.page.getByRole("navigation").getByRole("link", { name: "New experiment" }).click();
    await this.page.waitForURL("**/new");
    await this.openProtocol();
    for (const task of setup.tasks ? TASKS : []) await this.box(task).setChecked(setup.tasks!.includes(task));
    for (const mask of setup.masks ? MASKS : []) await this.mask(mask).setChecked(setup.masks!.includes(mask));
    const texts = {
      Name: setup.name,
      "Learning rates": setup.rates,
      Seeds: setup.seeds,
      Epochs: setup.epochs,
      "Training examples": setup.train,
      "Development examples": setup.evaluation,
    };
    for (const [label, text] of Object.entries(setup.masksOf ?? {})) {
      if (!(await this.field(label).isVisible())) await this.page.getByText("Masks with a number").click();
      await this.field(label).fill(text);
    }
    for (const [label, text] of Object.entries(texts)) if (text !== undefined) await this.field(label).fill(text);
  }

  /** What a button or a link saves. */
  async save(control: Locator): Promise<Saved> {
    const saved = Promise.all([this.page.waitForEvent("download"), control.click()]);
    const [[download]] = await Promise.all([saved, delay(SAVED_EVERY)]);
    const bytes = await readFile(await download.path());
    return { name: download.suggestedFilename(), bytes, text: bytes.toString() };
  }

  /** Starts an experiment of so many runs and waits until they have finished. */
  async finish(setup: Setup, runs: number): Promise<void> {
    await this.begin(setup);
    await expect(this.runs("finished")).toHaveCount(runs, { timeout: 100_000 });
  }

  /** Fills in the form and starts. */
  async begin(setup: Setup): Promise<void> {
    await this.fill(setup);
    await this.start.click();
    await this.page.waitForURL(/\/experiments\/\d+/);
    await expect(this.page.getByRole("heading", { level: 1, name: setup.name ?? "" })).toBeVisible();
  }
}

/** Starts an experiment of which the runs at a learning rate of 1 diverge. */
export async function beginDiverging(lab: Lab, setup: Setup): Promise<void> {
  await lab.fill(setup);
  for (const [label, text] of Object.entries(DIVERGING)) await lab.field(label).fill(text);
  await lab.start.click();
  await lab.page.waitForURL(/\/experiments\/\d+/);
}
