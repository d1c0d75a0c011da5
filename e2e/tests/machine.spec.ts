import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** Counts the questions about the machine that a page asks. */
function asked(page: Page): { count: number } {
  const asked = { count: 0 };
  page.on("websocket", (socket) =>
    socket.on("framesent", ({ payload }) => {
      if (payload.toString().includes('"type":"machine"')) asked.count += 1;
    }),
  );
  return asked;
}

test("the machine is shown to a reader who looks, by keyboard and at 320 px, and is asked about no more often than that", async ({
  page,
}) => {
  const questions = asked(page);
  await page.goto("/");
  const summary = page.getByRole("banner").locator(".machine > summary");
  await expect(summary).toBeVisible();
  await page.waitForTimeout(2500);
  expect(questions.count).toBe(0);

  await summary.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("group", { name: "Machine and queue" });
  await expect(panel.getByRole("meter", { name: "Processor" })).toBeVisible();
  await expect(panel.getByRole("meter", { name: "Memory" })).toHaveAttribute("aria-valuetext", /GiB.*by Tunemask$/);
  await expect(panel.getByText(/free, .* by runs$/)).toBeVisible();
  await expect(panel.getByText(/^CPU, \d+ thread/)).toBeVisible();
  await expect(panel.getByText("Nothing trains or waits.")).toBeVisible();
  expect(await faults(page, ".machine")).toEqual([]);
  // Every two seconds of the page's own clock: however slow the machine is, a page that stands still asks nothing.
  const now = () => page.evaluate(() => performance.now());
  const begin = questions.count;
  const since = await now();
  await expect.poll(() => questions.count - begin).toBeGreaterThanOrEqual(2);
  const more = questions.count - begin;
  // The first of these may have been due, and one more on its way here.
  expect(more).toBeLessThanOrEqual(2 + ((await now()) - since) / 2000);

  await page.setViewportSize({ width: 320, height: 640 });
  await expect(panel).toBeInViewport();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  expect(await faults(page, ".machine")).toEqual([]);

  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(summary).toBeFocused();
  const closed = questions.count;
  await page.waitForTimeout(3000);
  expect(questions.count).toBe(closed);
});

test("the queue is put in another order by mouse and by keyboard, and keeps it after a start", async ({
  page,
  program,
}) => {
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect(lab.runs("running")).toHaveCount(1);
  const short = { ...SHORT, masks: ["full"], seeds: "1", epochs: "1", train: "64" };
  for (const name of ["Second", "Third"]) await lab.begin({ ...short, name, seeds: name === "Second" ? "2" : "3" });
  await page.goto("/");
  await page.locator(".machine > summary").click();
  const queue = page.getByRole("list", { name: "Queue" }).getByRole("listitem");
  await expect(queue).toContainText([/Long.*trains/, /Second.*1 run waits/, /Third.*1 run waits/]);

  await page.getByRole("button", { name: "First: Third" }).click();
  await expect(queue).toContainText(["Third", "Long", "Second"]);
  const up = page.getByRole("button", { name: "Up: Second" });
  await up.focus();
  await page.keyboard.press("Enter");
  await expect(queue).toContainText(["Third", "Second", "Long"]);
  // The button is at hand for the next step.
  await expect(up).toBeFocused();
  // What trains is not disturbed.
  await expect(queue.filter({ hasText: "Long" })).toContainText("trains");

  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await program.kill();
  await program.launch();
  await page.reload();
  await page.locator(".machine > summary").click();
  await expect(queue).toContainText(["Third", "Second"]);
});

test("a cancel is undone, and training goes on from where it was", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin(LONG);
  await expect(lab.runs("running")).toHaveCount(1);
  await lab.cancelAll();
  await expect(lab.runs("cancelled")).toHaveCount(1);
  const notice = page.getByRole("status").filter({ hasText: "1 run cancelled." });
  await expect(notice).toBeVisible();
  expect(await faults(page, ".message")).toEqual([]);
  const undo = page.getByRole("button", { name: "Undo", exact: true });
  // The button that cancelled is gone, so the next thing to do has the focus.
  await expect(undo).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(lab.runs("running")).toHaveCount(1);
  await expect(notice).toHaveCount(0);

  // One run alone, from its row, by keys: asked first, like all of them. And the notice can be put away.
  const button = page.getByRole("button", { name: /^Cancel run/ });
  const question = page.getByRole("dialog", { name: "Cancel this run?" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(question).toContainText("full");
  expect(await faults(page, "dialog[open]")).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(question).toBeHidden();
  await expect(button).toBeFocused();
  await expect(lab.runs("running")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(lab.runs("cancelled")).toHaveCount(1);
  // The button is there still, for another thing.
  await expect(page.getByRole("button", { name: /^Retry run/ })).toBeFocused();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(undo).toHaveCount(0);
});
