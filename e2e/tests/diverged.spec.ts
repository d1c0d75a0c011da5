import { beginDiverging, DIVERGING, Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("a run that diverges says where and why, leads to the form as it was, and diverges again at the same step", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const lab = new Lab(page);
  await beginDiverging(lab, { ...SHORT, name: "Too fast", masks: ["layernorms"], rates: "1e-3, 1", seeds: "1" });
  await expect(lab.runs("failed")).toHaveCount(1, { timeout: 100_000 });
  await expect(lab.runs("finished")).toHaveCount(1, { timeout: 100_000 });

  // The reason, once, and what to do.
  const reason = /diverged at step \d+: (loss|gradient) is not finite; try a lower learning rate/;
  const failures = page.getByRole("list", { name: "Failures" }).getByRole("listitem");
  await expect(failures).toHaveText([
    new RegExp(`^1 run failed: ${reason.source}$`),
    /^Lower the learning rate, .*: tried again, it diverges again\. Edit as a new experiment$/,
  ]);
  const step = Number(/at step (\d+)/.exec(await failures.first().innerText())![1]);
  await expect(page.getByText("× marks where a run failed: point at it for the reason.")).toBeVisible();

  // The cross stands at the end of the line of that run alone, and the reason is read at its last step.
  const loss = lab.chart("Training loss");
  await expect(loss.locator("path.line")).toHaveCount(2);
  await expect(loss.locator("path.failure")).toHaveCount(1);
  await expect(loss.getByRole("img")).toHaveAccessibleName(/ 1 run failed\./);
  const { cross, ends } = await loss.evaluate((figure) => {
    const box = figure.querySelector<SVGPathElement>("path.failure")!.getBBox();
    const ends = [...figure.querySelectorAll<SVGPathElement>("path.line")].map((line) => {
      const { x, y } = line.getPointAtLength(line.getTotalLength());
      return { x, y };
    });
    return { cross: { x: box.x + box.width / 2, y: box.y + box.height / 2 }, ends };
  });
  const apart = ends.map(({ x, y }) => Math.hypot(x - cross.x, y - cross.y));
  expect(Math.min(...apart)).toBeLessThan(1);
  expect(Math.max(...apart)).toBeGreaterThan(50);
  await loss.locator(".plot").focus();
  await page.keyboard.press("Home");
  for (let at = 1; at < step; at += 1) await page.keyboard.press("ArrowRight");
  await expect(loss.getByRole("status")).toHaveText(new RegExp(`^step ${step}; .*failed: ${reason.source}`));
  await expect(loss.locator(".values .why")).toHaveText(reason);

  // Its own page.
  await lab.runs("failed").getByRole("link", { name: "layernorms" }).click();
  await page.waitForURL(/\/experiments\/1\/runs\/[0-9a-f]{16}$/);
  await expect(page.getByText("failed", { exact: true })).toBeVisible();
  await expect(page.locator("p.note.wrong")).toHaveText(reason);
  await expect(
    page.getByText(/^Lower the learning rate, lengthen the warm-up or limit the gradient norm/),
  ).toBeVisible();
  await expect(loss.locator("path.failure")).toHaveCount(1);
  const log = page.getByRole("region", { name: /^Log of the run/ }).getByRole("listitem");
  const failed = log.filter({ hasText: reason });
  await expect(log.first()).toHaveText(new RegExp(`${reason.source}$`));

  // Tried again, it is the same run.
  await page.getByRole("button", { name: /^Retry run / }).click();
  await expect(failed).toHaveCount(2, { timeout: 60_000 });
  await expect(page.getByText("failed", { exact: true })).toBeVisible();
  const steps = (await failed.allInnerTexts()).map((text) => Number(/at step (\d+)/.exec(text)![1]));
  expect(steps).toEqual([step, step]);

  // The form as the experiment was; with the rate that is too high taken out, all of it trains.
  await page.getByRole("link", { name: "Edit as a new experiment" }).click();
  await page.waitForURL(/\/new\?from=1$/);
  await expect(lab.field("Learning rates")).toHaveValue("1e-3, 1e0");
  for (const [label, text] of Object.entries({ ...DIVERGING, Seeds: "1", Epochs: "2", "Training examples": "256" })) {
    await expect(lab.field(label)).toBeVisible();
    expect(Number(await lab.field(label).inputValue()), label).toBe(Number(text));
  }
  await expect(lab.mask("layernorms")).toBeChecked();
  await expect(lab.mask("full")).not.toBeChecked();
  await expect(lab.box("Sentiment")).toBeChecked();
  await lab.field("Learning rates").fill("1e-3, 5e-4");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/2$/);
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 100_000 });
  await expect(page.getByRole("list", { name: "Failures" })).toHaveCount(0);
  await expect(loss.locator("path.failure")).toHaveCount(0);
});
