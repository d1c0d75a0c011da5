import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("every column and action of the runs lies in a window of 1280 px, and on a phone the actions stay in sight", async ({
  page,
}) => {
  const lab = new Lab(page);
  // Names, counts and states as wide as they come.
  const masksOf = { "Drawn in each LayerNorm": "16" };
  await lab.begin({ ...LONG, name: "Wide", tasks: ["Acceptability"], masksOf, rates: "2.5e-4", seeds: "1, 2" });
  await expect(lab.runs("running")).not.toHaveCount(0);
  const table = page.getByRole("region", { name: "Table of runs" });
  const sideways = page.getByText("This table scrolls sideways");
  const action = table.getByRole("button", { name: /^Cancel run/ }).first();
  const inside = async (width: number) => {
    const box = (await action.boundingBox())!;
    return box.x >= 0 && box.x + box.width <= width;
  };
  expect(await table.evaluate((region) => region.scrollWidth - region.clientWidth)).toBe(0);
  expect(await inside(1280)).toBe(true);
  const time = (await table.getByRole("columnheader", { name: "Time" }).boundingBox())!;
  expect(time.x + time.width).toBeLessThanOrEqual(1280);
  await expect(sideways).toBeHidden();

  for (const width of [1024, 390, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await expect(sideways).toBeVisible();
    for (const scrolled of [0, 10_000]) {
      await table.evaluate((region, left) => (region.scrollLeft = left), scrolled);
      expect(await inside(width), `the action at ${width} px`).toBe(true);
      const mask = (await table.getByRole("rowheader").first().boundingBox())!;
      expect(mask.x, `the mask at ${width} px`).toBeGreaterThanOrEqual(0);
      // Between the two there is room to see the rest.
      const box = (await action.boundingBox())!;
      expect(box.x - mask.x - mask.width, `room at ${width} px`).toBeGreaterThan(80);
    }
  }
  await page.setViewportSize({ width: 320, height: 900 });
  await action.click();
  await expect(lab.runs("cancelled")).toHaveCount(1);
});

test("weights that stayed frozen are marked where some are frozen", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Marks", masks: ["full", "frozen"], seeds: "1", train: "64", epochs: "1" });
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  const row = (mask: string) => lab.runs("finished").filter({ has: page.getByRole("rowheader", { name: mask }) });
  await expect(row("frozen").getByTitle("Frozen weights unchanged, bit for bit")).toBeVisible();
  await expect(row("full").getByTitle(/Frozen weights/)).toHaveCount(0);
});
