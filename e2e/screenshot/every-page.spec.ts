import { STORIES } from "../src/scenes.ts";
import { test } from "../src/test.ts";

for (const [story, scenes] of Object.entries(STORIES)) {
  test(`pictures of every page: ${story}`, async ({ page }) => {
    test.setTimeout(600_000);
    for (const [name, show] of Object.entries(scenes)) {
      await show(page);
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await page.evaluate(() => scrollTo(0, 0));
          await page.screenshot({ path: `screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    }
  });
}
