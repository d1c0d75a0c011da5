import { AxeBuilder } from "@axe-core/playwright";
import { SCENES } from "../src/scenes.ts";
import { expect, test } from "../src/test.ts";

test("axe finds nothing on any page, light and dark, wide and narrow, and no page scrolls sideways", async ({
  page,
}) => {
  test.setTimeout(600_000);
  const found = new Set<string>();
  for (const [name, show] of Object.entries(SCENES)) {
    await show(page);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        const { violations } = await new AxeBuilder({ page }).analyze();
        for (const { id, help, nodes } of violations) {
          const where = nodes.map((node) => node.html.slice(0, 120)).join(" | ");
          found.add(`${name}, ${colorScheme}, ${width} px: ${id}: ${help}: ${where}`);
        }
      }
    }
    for (const width of [1280, 390, 320]) {
      await page.setViewportSize({ width, height: 900 });
      const [pageWidth, widest] = await page.evaluate(() => {
        const ends = [...document.querySelectorAll("main *")].map((element) => {
          return { end: element.getBoundingClientRect().right, html: element.outerHTML.slice(0, 80) };
        });
        ends.sort((a, b) => b.end - a.end);
        return [document.documentElement.scrollWidth, ends[0]?.html] as const;
      });
      if (pageWidth > width) found.add(`${name}, ${width} px: the page is ${pageWidth} px wide: ${widest}`);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }
  expect([...found]).toEqual([]);
});
