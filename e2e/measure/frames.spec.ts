import { expect, test } from "../src/test.ts";
import { LiveRuns } from "./live.ts";

// 20 runs that train at once, 8 charts, ten messages a second: more than one device does. `npm run measure` prints
// how many frames the browser shows meanwhile; it is no test, as the figure is the machine's.
const MESSAGES_PER_S = 10;
const SECONDS = 10;

for (const [words, query, moving] of [
  ["as they come", "", false],
  ["with the pointer over a chart", "", true],
  ["mean over seeds", "?group=seeds", false],
] as const) {
  test(`frames, ${words}`, async ({ page }) => {
    await page.routeWebSocket("**/ws", (socket) =>
      LiveRuns.serve(socket, (live) => setInterval(() => live.batch(), 1000 / MESSAGES_PER_S)),
    );
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
