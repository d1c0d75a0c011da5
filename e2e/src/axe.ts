import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/**
 * What axe finds wrong with a page, or with a part of it, by all of its rules.
 *
 * Pages have no frames, so axe need not put its results together frame by frame in a tab of its own; and nobody reads what is
 * right. Without both it takes a quarter of the time.
 */
export async function faults(page: Page, part?: string): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await (part === undefined ? axe : axe.include(part)).analyze();
  return violations.map(({ id, help, nodes }) => {
    const where = nodes.map((node) => node.html.slice(0, 120)).join(" | ");
    return `${id}: ${help}: ${where}`;
  });
}
