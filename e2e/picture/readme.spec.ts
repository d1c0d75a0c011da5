import { Lab } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

// `npm run picture` takes the README's picture anew: an experiment that learns, while it trains.
test("the README's picture", async ({ page }) => {
  test.setTimeout(280_000);
  const lab = new Lab(page);
  await lab.begin({
    ...{ name: "Which modules carry sentiment?", tasks: ["Sentiment"], masks: ["full", "layernorms", "bitfit", "frozen"] },
    ...{ rates: "1e-3, 5e-3", seeds: "1, 2", epochs: "6" },
  });
  await expect.poll(() => lab.runs("finished").count(), { timeout: 270_000 }).toBeGreaterThanOrEqual(13);
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.waitForTimeout(1000);
  await page.screenshot({ path: "../docs/experiment.png" });
});
