import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { STORIES } from "../src/scenes.ts";
import { expect, test } from "../src/test.ts";

/** What axe says of the page as it is shown now. */
async function faults(page: Page, rules?: string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.map((node) => node.html.slice(0, 120)).join(" | ");
    return `${id}: ${help}: ${where}`;
  });
}

/** The element that reaches farthest beyond the window's right edge. */
async function overflow(page: Page, width: number): Promise<string | undefined> {
  const [pageWidth, widest] = await page.evaluate(() => {
    const ends = [...document.querySelectorAll("main *")].map((element) => {
      return { end: element.getBoundingClientRect().right, html: element.outerHTML.slice(0, 80) };
    });
    ends.sort((a, b) => b.end - a.end);
    return [document.documentElement.scrollWidth, ends[0]?.html] as const;
  });
  return pageWidth > width ? `the page is ${pageWidth} px wide: ${widest}` : undefined;
}

for (const [story, scenes] of Object.entries(STORIES)) {
  test(`axe finds nothing, light and dark, wide and narrow, and no page scrolls sideways: ${story}`, async ({
    page,
  }) => {
    test.setTimeout(300_000);
    const found: string[] = [];
    for (const [name, show] of Object.entries(scenes)) {
      await show(page);
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const wide = await overflow(page, width);
        if (wide) found.push(`${name}, ${width} px: ${wide}`);
        if (width === 320) continue;
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          // Of two themes at one width only the colours differ.
          const rules = colorScheme === "dark" ? ["color-contrast"] : undefined;
          for (const fault of await faults(page, rules)) found.push(`${name}, ${colorScheme}, ${width} px: ${fault}`);
        }
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    expect(found).toEqual([]);
  });
}
