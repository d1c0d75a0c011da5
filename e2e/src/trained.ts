import type { Page } from "@playwright/test";
import { Lab } from "./lab.ts";
import type { Program } from "./program.ts";
import { expect, test as base } from "./test.ts";

/** An experiment's runs, as the interface for scripts tells of them. */
export interface Told {
  id: string;
  spec: { mask: string; learning_rate: number; seed: number };
}

/** The runs of an experiment. */
export async function runsOf(program: Program, experiment: number): Promise<Told[]> {
  const answer = await fetch(`${program.url}/api/v1/experiments/${experiment}/runs`);
  return ((await answer.json()) as { runs: Told[] }).runs;
}

/** The run whose weights the page of weights offers of a mask. */
export async function runWithWeights(page: Page, mask: string): Promise<string> {
  await page.goto("/experiments/1/weights");
  const address = await page.getByRole("link", { name: new RegExp(`^${mask}, Sentiment`) }).getAttribute("href");
  return address!.split("run=")[1]!;
}

/** Opens the page of an experiment that is over, of so many runs, and waits for what it shows. */
export async function openFinished(page: Page, experiment: number, runs: number): Promise<Lab> {
  const lab = new Lab(page);
  await page.goto(`/experiments/${experiment}`);
  await expect(lab.runs("finished")).toHaveCount(runs);
  await expect(lab.chart("Training loss").locator("path.line").first()).toBeAttached();
  return lab;
}

/** A test that looks at the experiments of `train.ts` and leaves them as they are: one program serves all of them. */
export const test = base.extend({
  program: async ({ trained }, use) => use(trained),
});

export { expect } from "./test.ts";
