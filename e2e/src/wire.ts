import type { Page } from "@playwright/test";
import { inflateSync } from "node:zlib";

/** Steps of a run as they travel. */
interface Points {
  step: number[];
  loss: (number | string)[];
}

/** A line of the log. */
interface Event {
  seq: number;
  kind: Points & { event: string; run?: string };
}

/** All points of a run, while they are few. */
interface Series {
  run: string;
  buckets: { points: Points };
}

/** What the page needs of a message's content, whichever its type. */
interface Content {
  events?: Event[];
  overview?: { seq: number };
  change?: { seq: number };
  part?: { seq: number };
  series?: Series[];
}

/** A message as it came: long ones are compressed. */
function read(payload: string | Buffer): Record<string, Content> {
  return JSON.parse(typeof payload === "string" ? payload : inflateSync(payload).toString());
}

/** What the server told one page, taken from the socket beside the page's own code. */
export class Wire {
  private readonly contents: Content[] = [];

  /** Bytes of all messages, as they travelled. */
  bytes = 0;

  constructor(page: Page) {
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        const [content] = Object.values(read(payload));
        if (content) this.contents.push(content);
        this.bytes += payload.length;
      }),
    );
  }

  /** Number of the last event that the page was told. */
  get seq(): number {
    const numbers = this.contents.flatMap(({ events, overview, change, part }) => [
      ...(events ?? []).map((event) => event.seq),
      overview?.seq ?? change?.seq ?? part?.seq ?? 0,
    ]);
    return Math.max(0, ...numbers);
  }

  /** Loss by step of each run, from series and events together. */
  get losses(): Map<string, Map<number, number | string>> {
    const runs = new Map<string, Map<number, number | string>>();
    const add = (run: string, points: Points) => {
      const losses = runs.get(run) ?? new Map<number, number | string>();
      points.step.forEach((step, i) => losses.set(step, points.loss[i] ?? "missing"));
      runs.set(run, losses);
    };
    for (const { series, events } of this.contents) {
      for (const { run, buckets } of series ?? []) add(run, buckets.points);
      for (const { kind } of events ?? []) if (kind.event === "points" && kind.run) add(kind.run, kind);
    }
    return runs;
  }

  /** How many points the page was told. */
  get points(): number {
    return [...this.losses.values()].reduce((sum, losses) => sum + losses.size, 0);
  }
}
