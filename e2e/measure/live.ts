import type { WebSocketRoute } from "@playwright/test";
import { readFileSync } from "node:fs";

const RUNS = 20;
const HISTORY = 2000;
const STEPS_PER_BATCH = 2;
const MASKS = ["full", "layernorms", "bitfit", "frozen"];
const TASKS = ["cola", "sst2", "rte"];
/** A bucket a step, and room for as many as the server leaves where so many runs are watched. */
const BUCKETS = { most: Math.floor(2 ** 18 / RUNS), stride: 1, in_last: 1 };

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

/** A server in whose only experiment 20 runs train at once, for 8 charts; it sends points when it is told to. */
export class LiveRuns {
  private readonly ids = Array.from({ length: RUNS }, (_, i) => `run-${i}`);
  private seq = 1;
  private step = HISTORY + 1;

  private constructor(private readonly socket: WebSocketRoute) {}

  /** Answers a page in the place of the program; `watched` is called once the page has asked for points. */
  static serve(socket: WebSocketRoute, watched: (live: LiveRuns) => void): void {
    const live = new LiveRuns(socket);
    socket.onMessage((text) => {
      const { type, request, watch } = JSON.parse(text.toString()) as Record<string, unknown>;
      if (type === "hello") {
        live.say("welcome", { version: "0", device: "none" });
        live.say("snapshot", { overview: live.overview() });
      } else if (type === "report") {
        live.say("reported", { ...golden("from_server.reported").reported, request });
      } else if (type === "watch") {
        const { seq } = live;
        live.say("watched", { watch, part: live.part() });
        live.say("series", {
          series: live.ids.map((run, i) => ({ run, seq, buckets: { ...BUCKETS, points: points(i, 1, HISTORY) } })),
        });
        watched(live);
      }
    });
  }

  /** Sends the next steps of every run in one message. */
  batch(): void {
    const after = this.seq;
    const events = this.ids.map((run, i) => {
      this.seq += 1;
      return { seq: this.seq, at_ms: 0, kind: { event: "points", run, ...points(i, this.step, STEPS_PER_BATCH) } };
    });
    this.step += STEPS_PER_BATCH;
    this.say("events", { after, events });
  }

  private say(type: string, content: object): void {
    this.socket.send(JSON.stringify({ [type]: content }));
  }

  private overview(): object {
    const { overview } = golden("from_server.snapshot.2").snapshot;
    const [known] = Object.values<any>(overview.experiments);
    const about = { ...known.about, name: "Frames", tasks: TASKS, masks: MASKS };
    const progress = { ...known.progress, runs: RUNS, finished: 0, failed: 0, running: RUNS };
    return { ...overview, seq: this.seq, paused: false, queue: [1], experiments: { 1: { about, progress } } };
  }

  private part(): object {
    const { part } = golden("from_server.watched.2").watched;
    const [known] = Object.values<any>(part.experiments);
    const [sample] = Object.values<any>(part.runs);
    const seeds = Array.from({ length: RUNS / MASKS.length }, (_, i) => i + 1);
    const experiment = {
      ...known.experiment,
      name: "Frames",
      tasks: TASKS,
      masks: MASKS,
      learning_rates: [1e-3],
      seeds,
      epochs: 10,
    };
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
    const experiments = { 1: { ...known, experiment, runs: this.ids, plan: null } };
    const runs = Object.fromEntries(this.ids.map((id, i) => [id, run(i)]));
    return { ...part, seq: this.seq, order: [], experiments, runs };
  }
}
