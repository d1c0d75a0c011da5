import { Lab } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

// `npm run picture` takes the README's pictures anew: a mask that is painted, an experiment that learns while it trains, and what can
// be said of its runs in the end.
test("the README's pictures", async ({ page }) => {
  test.setTimeout(600_000);
  const wire = new Wire(page);
  const lab = new Lab(page);
  await lab.fill({
    ...{ name: "Which modules tell questions apart?", tasks: ["Questions"] },
    ...{ masks: ["full", "layernorms", "bitfit", "frozen"], rates: "5e-4, 1e-2", seeds: "1, 2" },
    ...{ epochs: "4", train: "1000", evaluation: "200" },
  });
  const painter = page.getByRole("group", { name: "Paint a mask" });
  await painter.getByLabel("Mask as text").fill("layers(2-3).ln + layers(4).ffn - layers(4).ffn.bias");
  await expect(painter.getByRole("status")).toContainText("parameters train");
  // Clear of the header, which stays where the page scrolls.
  await page.setViewportSize({ width: 1280, height: 1400 });
  await painter.evaluate((element) => element.scrollIntoView({ block: "center" }));
  await painter.getByLabel("Mask as text").blur();
  await painter.screenshot({ path: "../docs/painting.png" });
  await page.setViewportSize({ width: 1280, height: 955 });

  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  // Sixteen runs of 252 steps: four of `full` by themselves, then twelve in a gang.
  await expect.poll(() => wire.points, { timeout: 390_000, intervals: [200] }).toBeGreaterThan(3500);
  await page.waitForTimeout(500);
  await page.screenshot({ path: "../docs/experiment.png" });

  await expect(lab.runs("finished")).toHaveCount(16, { timeout: 390_000 });
  await lab.tab("Weights").click();
  await page
    .getByRole("link", { name: /^full, Questions/ })
    .first()
    .click();
  const drift = page.getByRole("figure").filter({ hasText: /^Drift of/ });
  await expect(drift).toBeVisible({ timeout: 60_000 });
  await drift.scrollIntoViewIfNeeded();
  await page.screenshot({ path: "../docs/weights.png" });
});
