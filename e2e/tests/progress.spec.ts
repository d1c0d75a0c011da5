import type { Locator, Page } from "@playwright/test";
import { Lab, LONG, SHORT } from "../src/lab.ts";
import { STORIES } from "../src/scenes.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

const bar = (within: Page | Locator, name: string | RegExp = /./) => within.getByRole("progressbar", { name });

/** The parts of a bar, each with its share of it. */
async function parts(of: Locator): Promise<Record<string, number>> {
  return of.evaluate((bar) => {
    const whole = bar.getBoundingClientRect().width;
    const shares = [...bar.children].map((part) => [
      part.className,
      Math.round((100 * part.getBoundingClientRect().width) / whole),
    ]);
    return Object.fromEntries(shares) as Record<string, number>;
  });
}

test("what failed fills no bar, and its reason is said once", async ({ page }) => {
  await STORIES.failures["failed"]!(page);
  const lab = new Lab(page);
  const whole = bar(page, "Progress of the experiment");
  await expect(whole).toHaveAttribute("aria-valuenow", "0");
  await expect(whole).toHaveAttribute("aria-valuetext", "0 of 4 finished · 4 failed");
  expect(await parts(whole)).toEqual({ failed: 100 });
  for (const run of await lab.runs("failed").all()) {
    await expect(bar(run)).toHaveAttribute("aria-valuenow", "0");
    await expect(bar(run)).toHaveAttribute("aria-valuetext", /failed/);
    expect(await bar(run).locator(".finished, .running").count()).toBe(0);
  }
  await expect(lab.chart("Training loss")).toContainText("No points: 4 runs failed");
  await expect(page.getByText("No points yet")).toHaveCount(0);
  const reasons = page.getByRole("list", { name: "Failures" }).getByRole("listitem");
  await expect(reasons).toHaveCount(1);
  await expect(reasons).toHaveText(/^4 runs failed: .*changed/);
  const reason = (await reasons.innerText()).replace("4 runs failed: ", "");
  await expect(lab.runs("failed").getByText(reason)).toHaveCount(0);

  await page.goto("/");
  const listed = bar(page, "Progress of Changed data");
  expect(await parts(listed)).toEqual({ failed: 100 });
});

test("what was cancelled shows how far it came, in other words and another look than what finished", async ({
  page,
}) => {
  const wire = new Wire(page);
  const lab = new Lab(page);
  await lab.begin({ ...LONG, name: "Stopped", seeds: "1, 2" });
  await expect.poll(() => wire.points).toBeGreaterThan(0);
  await lab.cancelAll();
  await expect(lab.runs("cancelled")).toHaveCount(2);
  const whole = bar(page, "Progress of the experiment");
  await expect(whole).toHaveAttribute("aria-valuetext", "0 of 2 finished · 2 cancelled");
  // Bars move for a moment.
  await expect.poll(() => parts(whole)).toEqual({ stopped: 100 });
  const first = bar(lab.runs("cancelled").first());
  expect(Number(await first.getAttribute("aria-valuenow"))).toBeLessThan(100);
  expect((await parts(first))["stopped"]!).toBeLessThan(100);
  await expect(lab.chart("Sentiment accuracy")).toContainText("No points: 2 runs were cancelled");
});

test("the time left is there from the start, is rounded, and is gone at the end", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({ ...SHORT, name: "Left", masks: ["full", "layernorms", "frozen"] });
  await lab.pause.click();
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  const left = lab.progress.locator(".left");
  const time = "about (a few seconds|\\d+ (s|min|h)( \\d+ min)?) left";
  await expect(left).toHaveText(new RegExp(`^${time}, paused$`));
  // Every text that the page shows from here on, however fast the machine is.
  await left.evaluate((element) => {
    element.setAttribute("data-said", "");
    const say = () => element.setAttribute("data-said", `${element.getAttribute("data-said")};${element.textContent}`);
    new MutationObserver(say).observe(element, { childList: true, characterData: true, subtree: true });
  });
  await lab.resume.click();
  await expect(lab.runs("finished")).toHaveCount(6, { timeout: 100_000 });
  await expect(left).toBeEmpty();
  const said = (await left.getAttribute("data-said"))!.split(";").filter(Boolean);
  expect(said.length).toBeGreaterThan(0);
  for (const text of said) expect(text).toMatch(new RegExp(`^${time}(, paused)?$`));
});
