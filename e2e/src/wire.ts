import type { Page } from "@playwright/test";

/** Steps of a run as they travel. */
interface Points {
  step: number[];
  loss: (number | string)[];
}

interface Event extends Points {
  seq: number;
  event: string;
  run?: string;
}

interface Message {
  type: string;
  events?: Event[];
  through?: number;
  state?: { seq: number };
  run?: string;
  seq?: number;
  points?: Points;
}

/** What the server told one page, taken from the socket beside the page's own code. */
export class Wire {
  private readonly messages: Message[] = [];

  constructor(page: Page) {
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        this.messages.push(JSON.parse(payload.toString()) as Message);
      }),
    );
  }

  /** Number of the last event that the page was told. */
  get seq(): number {
    const numbers = this.messages.map((m) => m.through ?? m.state?.seq ?? 0);
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
    for (const message of this.messages) {
      if (message.run && message.points) add(message.run, message.points);
      for (const event of message.events ?? []) if (event.event === "points" && event.run) add(event.run, event);
    }
    return runs;
  }

  /** How many points the page was told. */
  get points(): number {
    return [...this.losses.values()].reduce((sum, losses) => sum + losses.size, 0);
  }
}
