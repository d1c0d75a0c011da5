import type { Program } from "./program.ts";

/** Runs of a moment on the built-in model, as the interface for scripts takes them. */
const SMALL = {
  tasks: ["sentiment"],
  masks: ["layernorms", "frozen"],
  learning_rates: [1e-3],
  seeds: [1, 2],
  epochs: 2,
  train_limit: 64,
  eval_limit: 128,
};

/** What is there to be looked at, by number; all runs are of two seeds, and those of more than one rate of two. */
const EXPERIMENTS = [
  // 1: twelve runs of four steps.
  { ...SMALL, name: "Looked at", masks: ["full", "layernorms", "frozen"], learning_rates: [1e-3, 5e-3], epochs: 1 },
  // 2: four runs of eight steps.
  { ...SMALL, name: "Beside it" },
  // 3: eight runs of sixteen steps.
  { ...SMALL, name: "Two & more", learning_rates: [1e-3, 5e-3], train_limit: 128 },
  // 4: four runs of 64 steps.
  { ...SMALL, name: "Longer", train_limit: 512 },
  // 5: six runs of four steps of each task.
  { ...SMALL, name: "Words", tasks: ["tags", "inference"], masks: ["layernorms", "frozen", "bitfit"], epochs: 1 },
];

interface Listed {
  experiments: { over: boolean }[];
}

/** Trains all of these experiments to their end. */
export async function train(program: Program): Promise<void> {
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
