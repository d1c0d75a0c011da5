import type { Page } from "@playwright/test";
import { Program } from "./program.ts";
import { test as base } from "./test.ts";

/** Runs of a moment on the built-in model, as the interface for scripts takes them. */
const SMALL = {
  tasks: ["sentiment"],
  masks: ["full", "layernorms", "frozen"],
  learning_rates: [1e-3, 5e-3],
  seeds: [1, 2],
  epochs: 1,
  train_limit: 64,
  eval_limit: 128,
};

/** What is there to be looked at: number 1 has twelve runs, number 2 four. */
const EXPERIMENTS = [
  { ...SMALL, name: "Looked at" },
  { ...SMALL, name: "Beside it", masks: ["layernorms", "frozen"], learning_rates: [1e-3], epochs: 2 },
];

interface Listed {
  experiments: { over: boolean }[];
}

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

async function train(program: Program): Promise<void> {
  const url = `${program.url}/api/v1/experiments`;
  const headers = { "content-type": "application/json" };
  for (const experiment of EXPERIMENTS) {
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(experiment) });
    if (!answer.ok) throw new Error(await answer.text());
  }
  for (;;) {
    const { experiments } = (await (await fetch(url)).json()) as Listed;
    if (experiments.every(({ over }) => over)) return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A test that looks at experiments that are over and leaves them as they are: one program serves all of them. */
export const test = base.extend<object, { trained: Program }>({
  trained: [
    async ({}, use) => {
      const program = await Program.start();
      await train(program);
      await use(program);
      await program.remove();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  program: async ({ trained }, use) => use(trained),
});

export { expect } from "./test.ts";
