import type { WebSocketRoute } from "@playwright/test";
import { readFileSync } from "node:fs";
import { expect, test } from "../src/test.ts";

// 20 runs that train at once, 8 charts, ten messages a second: more than one device does. `npm run measure` prints
// how many frames the browser shows meanwhile; it is no test, as the figure is the machine's.
const RUNS = 20;
const HISTORY = 2000;
const MESSAGES_PER_S = 10;
const STEPS_PER_MESSAGE = 2;
const SECONDS = 10;
const MASKS = ["full", "layernorms", "bitfit", "frozen"];

/** A message as the server writes it, from the files that the protocol is held to. */
function golden(name: string): any {
  return JSON.parse(readFileSync(new URL(`../../shared/tests/golden/${name}.json`, import.meta.url), "utf8"));
}

function points(run: number, from: number, count: number): Record<string, number[]> {
  const column = (f: (step: number) => number) => Array.from({ length: count }, (_, i) => f(from + i));
  const noise = (s: number) => Math.sin(s * 12.9898 + run * 78.233) * 0.2;
  return {
    step: column((s) => s),
    epoch: column((s) => s / 300),
    loss: column((s) => 0.3 + run / 100 + 40 / (s + 60) + noise(s)),
    learning_rate: column((s) => 1e-3 * Math.max(0, 1 - s / 10_000)),
    gradient_norm: column((s) => 1.5 + noise(s * 3)),
    tokens_per_s: column((s) => 9000 + 300 * run + 2000 * noise(s * 7)),
    elapsed_secs: column((s) => s * 0.05),
  };
}

function serve(socket: WebSocketRoute): void {
  const ids = Array.from({ length: RUNS }, (_, i) => `run-${i}`);
  const snapshot = golden("from_server.snapshot.2");
  const [number] = Object.keys(snapshot.content.state.experiments);
  const known = snapshot.content.state.experiments[number!];
  const [sample] = Object.values<any>(snapshot.content.state.runs);
  const seeds = Array.from({ length: RUNS / MASKS.length }, (_, i) => i + 1);
  const experiment = { ...known.experiment, name: "Frames", masks: MASKS, learning_rates: [1e-3], seeds, epochs: 10 };
  const run = (i: number) => ({
    ...sample,
    spec: { ...sample.spec, mask: MASKS[i % MASKS.length], seed: 1 + Math.floor(i / MASKS.length), epochs: 10 },
    status: "running",
    steps: 10_000,
    step: HISTORY,
    elapsed_secs: 100,
    last_loss: 0.5,
    ended_ms: null,
    outcome: null,
    failure: null,
    evaluations: Array.from({ length: 6 }, (_, e) => ({
      epoch: e + 1,
      step: 300 * (e + 1),
      elapsed_secs: 1,
      scores: [
        { metric: "accuracy", set: 0, value: 0.5 + e / 20 + i / 100 },
        { metric: "loss", set: 0, value: 0.7 - e / 30 },
      ],
    })),
  });
  let seq = 1;
  let step = HISTORY + 1;
  const say = (type: string, content: object) => socket.send(JSON.stringify({ type, content }));
  socket.onMessage((text) => {
    const { type, request } = JSON.parse(text.toString()) as Record<string, unknown>;
    if (type === "hello") {
      say("welcome", { version: "0", device: "none" });
      const experiments = { 1: { ...known, experiment, runs: ids, plan: null } };
      const runs = Object.fromEntries(ids.map((id, i) => [id, run(i)]));
      say("snapshot", { state: { seq, paused: false, experiments, runs } });
    } else if (type === "report") {
      say("reported", { ...golden("from_server.reported").content, request });
    } else if (type === "watch") {
      ids.forEach((id, i) => say("series", { experiment_id: 1, run: id, seq, points: points(i, 1, HISTORY) }));
      setInterval(() => {
        const events = ids.map((id, i) => {
          seq += 1;
          return { seq, at_ms: 0, kind: { event: "points", run: id, ...points(i, step, STEPS_PER_MESSAGE) } };
        });
        step += STEPS_PER_MESSAGE;
        say("events", { events, through: seq });
      }, 1000 / MESSAGES_PER_S);
    }
  });
}

for (const [words, query, moving] of [
  ["as they come", "", false],
  ["with the pointer over a chart", "", true],
  ["mean over seeds", "?group=seeds", false],
] as const) {
  test(`frames, ${words}`, async ({ page }) => {
    await page.routeWebSocket("**/ws", serve);
    await page.goto(`/experiments/1${query}`);
    await expect(page.getByRole("figure")).toHaveCount(8);
    await expect(page.locator("figure path.line").first()).toBeVisible();
    await page.waitForTimeout(2000);
    const counting = page.evaluate(async (seconds) => {
      const long: number[] = [];
      new PerformanceObserver((list) => list.getEntries().forEach((e) => long.push(e.duration))).observe({
        type: "longtask",
      });
      const gaps: number[] = [];
      const begin = performance.now();
      let last = begin;
      await new Promise<void>((done) => {
        const frame = (now: number) => {
          gaps.push(now - last);
          last = now;
          if (now - begin < seconds * 1000) requestAnimationFrame(frame);
          else done();
        };
        requestAnimationFrame(frame);
      });
      gaps.sort((a, b) => a - b);
      const at = (share: number) => Math.round(gaps[Math.floor(gaps.length * share)] ?? 0);
      return {
        frames_per_s: gaps.length / seconds,
        gap_ms_median: at(0.5),
        gap_ms_p95: at(0.95),
        gap_ms_worst: at(0.9999),
        long_tasks: long.length,
        long_task_ms_worst: Math.round(Math.max(0, ...long)),
      };
    }, SECONDS);
    if (moving) {
      const box = (await page.locator(".plot").first().boundingBox())!;
      const end = Date.now() + SECONDS * 1000;
      for (let i = 0; Date.now() < end; i++) {
        await page.mouse.move(box.x + 60 + ((i * 7) % (box.width - 80)), box.y + box.height / 2);
        await page.waitForTimeout(16);
      }
    }
    console.log(`${words}:`, JSON.stringify(await counting));
  });
}
