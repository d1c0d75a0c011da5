import { Lab } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

// `npm run picture` takes the README's picture anew: an experiment that learns, while it trains.
test("the README's picture", async ({ page }) => {
  test.setTimeout(400_000);
  const wire = new Wire(page);
  const lab = new Lab(page);
  await lab.begin({
    ...{ name: "Which modules tell questions apart?", tasks: ["Questions"] },
    ...{ masks: ["full", "layernorms", "bitfit", "frozen"], rates: "5e-4, 1e-2", seeds: "1, 2" },
    ...{ epochs: "4", train: "1000", evaluation: "200" },
  });
  // Sixteen runs of 252 steps: four of `full` by themselves, then twelve in a gang.
  await expect.poll(() => wire.points, { timeout: 390_000, intervals: [200] }).toBeGreaterThan(3500);
  await page.setViewportSize({ width: 1280, height: 955 });
  await page.waitForTimeout(500);
  await page.screenshot({ path: "../docs/experiment.png" });
});
