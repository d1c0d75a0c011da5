import { type Browser, type Page, test } from "@playwright/test";
import { fillWithRuns } from "../src/large.ts";
import { Program } from "../src/program.ts";

// How the page does with thousands of runs in one experiment: until it can be used, until it is sorted and filtered, how
// many nodes it has, what comes through its socket. The log is written by `cargo build -p tunemask --example large_home`;
// figures are of a release build, `TUNEMASK=target/release/tunemask`. `TUNEMASK_RUNS` names other sizes.
const SIZES = (process.env.TUNEMASK_RUNS ?? "504 2016 4242").split(" ");
const STEPS = Number(process.env.TUNEMASK_STEPS ?? "4");
const REPEATS = 3;

/** The list's link, and a row of the table of runs. */
const LIST = ".experiments article a";
const ROW = "table.runs tbody tr[class=''], table.runs tbody tr:not([class])";
const LINE = ".charts path.line";

const middle = (values: number[]) =>
  Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN);

/** Marks when each of these is there for the first time, and drawn. */
async function markWhen(page: Page, selectors: Record<string, string>): Promise<void> {
  await page.addInitScript((selectors) => {
    for (const [name, selector] of Object.entries(selectors)) {
      const look = () => {
        // The frame after the next begins when this one has been laid out and drawn.
        if (document.querySelector(selector))
          requestAnimationFrame(() => requestAnimationFrame(() => performance.mark(name)));
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }
  }, selectors);
}

const marked = async (page: Page, name: string): Promise<number> => {
  await page.waitForFunction((name) => performance.getEntriesByName(name).length > 0, name, { timeout: 120_000 });
  return page.evaluate((name) => performance.getEntriesByName(name)[0]!.startTime, name);
};

/** Milliseconds from a click until what it changes is drawn. */
async function drawn(page: Page, act: string): Promise<number> {
  return page.evaluate(async (act) => {
    const begin = performance.now();
    (document.querySelector(act) as HTMLElement).click();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now() - begin;
  }, act);
}

interface Figures {
  list: number[];
  rows: number[];
  lines: number[];
  sort: number[];
  filter: number[];
}

async function visit(browser: Browser, program: Program, rate: number, figures: Figures) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const open = async (path: string, selectors: Record<string, string>) => {
    const page = await context.newPage();
    let bytes = 0;
    let frames = 0;
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        bytes += payload.length;
        frames += 1;
      }),
    );
    await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate });
    await markWhen(page, selectors);
    await page.goto(program.url + path);
    return { page, socket: () => ({ bytes, frames }) };
  };
  const list = await open("/", { list: LIST });
  figures.list.push(await marked(list.page, "list"));
  const listSocket = list.socket();
  await list.page.close();
  const { page, socket } = await open("/experiments/1", { rows: ROW, lines: LINE });
  figures.rows.push(await marked(page, "rows"));
  const countNodes = () => page.evaluate(() => document.querySelectorAll("*").length);
  await page.locator(".board-results table").waitFor();
  const top = await countNodes();
  // Charts draw when they are in sight.
  await page.locator(".charts").scrollIntoViewIfNeeded();
  figures.lines.push(await marked(page, "lines"));
  // All series have come, and the charts have drawn them.
  let before = -1;
  while (before !== socket().bytes) {
    before = socket().bytes;
    await page.waitForTimeout(1500);
  }
  const nodes = await countNodes();
  figures.sort.push(await drawn(page, "table.runs th:nth-child(9) button"));
  figures.filter.push(await drawn(page, ".filters .chips:nth-child(1) .chip"));
  // At the end of the page, where the table of runs is in sight.
  await page.locator("table.runs").scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  const end = await countNodes();
  const result = { list: listSocket, experiment: socket(), nodes: { top, charts: nodes, end } };
  await context.close();
  return result;
}

for (const runs of SIZES) {
  test(`${runs} runs`, async ({ browser }) => {
    test.setTimeout(900_000);
    const program = await Program.start();
    await fillWithRuns(program, { runs: Number(runs), steps: STEPS });
    for (const rate of [1, 4]) {
      const figures: Figures = { list: [], rows: [], lines: [], sort: [], filter: [] };
      let last: unknown;
      for (let repeat = 0; repeat < REPEATS; repeat++) last = await visit(browser, program, rate, figures);
      const times = Object.entries(figures).map(([name, values]) => `${name} ${middle(values as number[])} ms`);
      console.log(`${runs} runs, processor slowed ${rate} times: ${times.join(", ")}; ${JSON.stringify(last)}`);
    }
    await program.remove();
  });
}
