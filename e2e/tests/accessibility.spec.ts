import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { STORIES } from "../src/scenes.ts";
import { expect, test } from "../src/test.ts";

/** Texts of charts that stand out too little (WCAG 2.2, 1.4.3): axe cannot tell what lies below them, and leaves them out. */
function paleTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    const channels = (colour: string) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour: string) => {
      const linear = channels(colour)
        .slice(0, 3)
        .map((c) => (c <= 10.31 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
    };
    const ground = (element: Element): string => {
      const { backgroundColor } = getComputedStyle(element);
      return channels(backgroundColor)[3]! > 250 || !element.parentElement
        ? backgroundColor
        : ground(element.parentElement);
    };
    // Figures of a heat map stand on their cells, whose colours are held to this natively.
    const texts = [...document.querySelectorAll(".charts svg text, figure svg.diagram text:not(.figure, .spread)")];
    return texts.flatMap((text) => {
      const [fore, back] = [getComputedStyle(text).fill, ground(text.closest("svg")!)];
      const [low, high] = [luminance(fore), luminance(back)].sort((a, b) => a - b);
      const ratio = (high! + 0.05) / (low! + 0.05);
      return ratio < 4.5 ? [`"${text.textContent}" has a contrast of ${ratio.toFixed(2)}: ${fore} on ${back}`] : [];
    });
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
    test.setTimeout(600_000);
    const found: string[] = [];
    for (const [name, show] of Object.entries(scenes)) {
      await show(page);
      for (const width of [1280, 390, 320]) {
        await page.setViewportSize({ width, height: 900 });
        const wide = await overflow(page, width);
        if (wide) found.push(`${name}, ${width} px: ${wide}`);
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
          for (const fault of await faults(page)) found.push(`${name}, ${colorScheme}, ${width} px: ${fault}`);
          if (width === 1280) for (const pale of await paleTexts(page)) found.push(`${name}, ${colorScheme}: ${pale}`);
        }
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    expect(found).toEqual([]);
  });
}
