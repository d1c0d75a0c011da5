import type { Page } from "@playwright/test";

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

/** What the page needs of a message's content, whichever its type. */
interface Content {
  events?: Event[];
  through?: number;
  state?: { seq: number };
  run?: string;
  seq?: number;
  points?: Points;
}

/** What the server told one page, taken from the socket beside the page's own code. */
export class Wire {
  private readonly contents: Content[] = [];

  constructor(page: Page) {
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        const [content] = Object.values(JSON.parse(payload.toString()) as Record<string, Content>);
        if (content) this.contents.push(content);
      }),
    );
  }

  /** Number of the last event that the page was told. */
  get seq(): number {
    const numbers = this.contents.map(({ through, state }) => through ?? state?.seq ?? 0);
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
    for (const { run, points, events } of this.contents) {
      if (run && points) add(run, points);
      for (const { kind } of events ?? []) if (kind.event === "points" && kind.run) add(kind.run, kind);
    }
    return runs;
  }

  /** How many points the page was told. */
  get points(): number {
    return [...this.losses.values()].reduce((sum, losses) => sum + losses.size, 0);
  }
}
