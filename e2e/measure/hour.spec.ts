import { readFileSync } from "node:fs";
import { expect, test } from "../src/test.ts";
import { LiveRuns } from "./live.ts";

// An hour of 20 runs that train at once, 8 charts, ten messages a second, sent as fast as the page takes them: how much memory
// the browser holds after every ten minutes of them, once its rubbish is collected, and how long a message takes to be shown.
const MESSAGES_PER_S = 10;
const BLOCK_SECS = 600;
const BLOCKS = 6;
/** Messages between two frames. */
const AT_ONCE = 10;

const MIB = 1024 * 1024;

/** Bytes that a process holds. */
function resident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024;
}

test("an hour of points", async ({ page, browser }) => {
  test.setTimeout(1_800_000);
  let live: LiveRuns | undefined;
  await page.routeWebSocket("**/ws", (socket) => LiveRuns.serve(socket, (asked) => (live = asked)));
  const own = await page.context().newCDPSession(page);
  await own.send("HeapProfiler.enable");
  await page.goto("/experiments/1");
  await expect(page.getByRole("figure")).toHaveCount(8);
  await expect(page.locator("figure path.line").first()).toBeVisible();
  const { processInfo } = await (await browser.newBrowserCDPSession()).send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter((process) => process.type === "renderer").map((process) => process.id);
  const frame = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  const look = async (minutes: number) => {
    await page.waitForTimeout(1000);
    await own.send("HeapProfiler.collectGarbage");
    const { usedSize } = await own.send("Runtime.getHeapUsage");
    const held = Math.max(...renderers.map(resident));
    const begin = performance.now();
    live!.batch();
    await frame();
    const shown = performance.now() - begin;
    const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
    const said = { minutes, heap_mib: usedSize / MIB, resident_mib: held / MIB, shown_ms: shown, nodes };
    console.log(JSON.stringify(said, (_, value) => (typeof value === "number" ? Math.round(value * 10) / 10 : value)));
  };
  await look(0);
  for (let block = 1; block <= BLOCKS; block++) {
    for (let message = 0; message < BLOCK_SECS * MESSAGES_PER_S; message++) {
      live!.batch();
      if (message % AT_ONCE === 0) await frame();
    }
    await look((block * BLOCK_SECS) / 60);
  }
});
