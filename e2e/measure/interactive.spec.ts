import { test } from "@playwright/test";
import { Program } from "../src/program.ts";

// How long the form takes until it can be used, on loopback, with the processor slowed four times and nothing cached.
// `TUNEMASK_PAGES` may name folders of built pages to be measured side by side, apart by colons.
const RATE = 4;
const REPEATS = 5;
const PAGES = (process.env.TUNEMASK_PAGES ?? "").split(":").filter(Boolean);

/** The median of some numbers. */
function median(values: number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN);
}

test("time until the form can be used", async ({ browser }) => {
  test.setTimeout(300_000);
  const pages = PAGES.length > 0 ? PAGES : [undefined];
  const programs = await Promise.all(pages.map((folder) => Program.start(folder ? ["--page", folder] : [])));
  const painted: number[][] = pages.map(() => []);
  const usable: number[][] = pages.map(() => []);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [i, program] of programs.entries()) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: RATE });
      await page.addInitScript(() => {
        const look = () => {
          const start = document.querySelector("button.start:not([disabled])");
          // The frame after the next begins when this one has been laid out and drawn.
          if (start) requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("usable")));
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
      await page.goto(`${program.url}/new`);
      await page.waitForFunction(() => performance.getEntriesByName("usable").length > 0);
      const times = await page.evaluate(() => ({
        paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
        usable: performance.getEntriesByName("usable")[0]?.startTime ?? NaN,
      }));
      painted[i]?.push(times.paint);
      usable[i]?.push(times.usable);
      await context.close();
    }
  }
  for (const program of programs) await program.remove();
  for (const [i, folder] of pages.entries()) {
    const [paint, use] = [median(painted[i] ?? []), median(usable[i] ?? [])];
    console.log(`${folder ?? "static/pkg"}: first paint ${paint} ms, usable ${use} ms (medians of ${REPEATS})`);
  }
});
