import { expect, test } from "@playwright/test";
import { Program } from "../src/program.ts";
import { LiveRuns } from "./live.ts";
import { type Work, add, scale, workOf } from "./trace.ts";

// How much processor time the browser spends on a message with points of 20 runs, 8 charts shown. Time that a thread
// worked says more than frames a second where the machine has other work. `TUNEMASK_PAGES` may name folders of built pages
// to be measured by turns, apart by colons.
const BATCHES = 8;
const REPEATS = 2;
const PAGES = (process.env.TUNEMASK_PAGES ?? "").split(":").filter(Boolean);
/** Frames in which every chart has had its turn. */
const FRAMES = 10;
const SHOWN = 24;

test("work for a message with points", async ({ browser }) => {
  test.setTimeout(900_000);
  const pages = PAGES.length > 0 ? PAGES : [undefined];
  const programs = await Promise.all(pages.map((folder) => Program.start(folder ? ["--page", folder] : [])));
  const sums: Work[] = pages.map(() => ({ threads: new Map(), events: new Map() }));
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [i, program] of programs.entries()) {
      const context = await browser.newContext();
      const page = await context.newPage();
      let live: LiveRuns | undefined;
      await page.routeWebSocket("**/ws", (socket) => LiveRuns.serve(socket, (asked) => (live = asked)));
      await page.goto(`${program.url}/experiments/1`);
      await expect(page.getByRole("figure")).toHaveCount(8);
      await expect(page.locator("figure path.line").first()).toBeVisible();
      await page.waitForTimeout(1500);
      await browser.startTracing(page, {
        categories: ["toplevel", "cc", "devtools.timeline", "disabled-by-default-devtools.timeline"],
      });
      for (let batch = 0; batch < BATCHES; batch++) {
        live?.batch();
        await page.evaluate(async (frames) => {
          for (let i = 0; i < frames; i++) await new Promise(requestAnimationFrame);
        }, FRAMES);
      }
      add(sums[i]!, workOf(await browser.stopTracing()));
      await context.close();
    }
  }
  for (const program of programs) await program.remove();
  for (const [i, folder] of pages.entries()) {
    const work = scale(sums[i]!, 1 / (BATCHES * REPEATS));
    const rows = (times: Map<string, number>) =>
      [...times]
        .sort((a, b) => b[1] - a[1])
        .slice(0, SHOWN)
        .map(([name, ms]) => `  ${ms.toFixed(2).padStart(8)} ms  ${name}`)
        .join("\n");
    const all = [...work.threads.values()].reduce((sum, ms) => sum + ms, 0);
    console.log(
      `${folder ?? "static/pkg"}: ${all.toFixed(1)} ms a message\n${rows(work.threads)}\n${rows(work.events)}`,
    );
  }
});
