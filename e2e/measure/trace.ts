/** Milliseconds that threads worked, by the thread's name, and by what they did without what that in turn called. */
export interface Work {
  threads: Map<string, number>;
  events: Map<string, number>;
}

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

function increase(times: Map<string, number>, name: string, ms: number): void {
  times.set(name, (times.get(name) ?? 0) + ms);
}

/** Reads a trace of the browser's. */
export function workOf(trace: Buffer): Work {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const names = new Map<string, string>();
  const threads = new Map<string, TraceEvent[]>();
  for (const event of traceEvents) {
    const thread = `${event.pid} ${event.tid}`;
    if (event.ph === "M" && event.name === "thread_name") names.set(thread, event.args?.name ?? "");
    if (event.ph !== "X" || event.tdur === undefined) continue;
    const known = threads.get(thread);
    if (known) known.push(event);
    else threads.set(thread, [event]);
  }
  const work: Work = { threads: new Map(), events: new Map() };
  for (const [thread, events] of threads) {
    events.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
    const name = (names.get(thread) ?? "").replace(/\d+.*$/, "");
    const open: TraceEvent[] = [];
    for (const event of events) {
      while (open.length > 0 && event.ts >= open.at(-1)!.ts + (open.at(-1)!.dur ?? 0)) open.pop();
      const ms = (event.tdur ?? 0) / 1000;
      const around = open.at(-1);
      if (around) increase(work.events, `${name} ${around.name}`, -ms);
      else increase(work.threads, name, ms);
      increase(work.events, `${name} ${event.name}`, ms);
      open.push(event);
    }
  }
  return work;
}

/** Adds work to a sum. */
export function add(sum: Work, more: Work): void {
  for (const key of ["threads", "events"] as const) {
    for (const [name, ms] of more[key]) increase(sum[key], name, ms);
  }
}

/** The share of work. */
export function scale(work: Work, factor: number): Work {
  const scaled = (times: Map<string, number>) => new Map([...times].map(([name, ms]) => [name, ms * factor]));
  return { threads: scaled(work.threads), events: scaled(work.events) };
}
