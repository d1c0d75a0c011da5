import { AxeBuilder } from "@axe-core/playwright";
import { SCENES } from "../src/scenes.ts";
import { expect, test } from "../src/test.ts";

test("axe finds nothing on any page, light and dark, wide and narrow, and no page scrolls sideways", async ({ page }) => {
  test.setTimeout(240_000);
  for (const [name, show] of Object.entries(SCENES)) {
    await show(page);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const found = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" | ")}`);
        expect.soft(found, `${name}, ${colorScheme}, ${width} px`).toEqual([]);
      }
    }
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect.soft(wide, `${name}: pixels too wide at ${width} px`).toBe(0);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }
});
