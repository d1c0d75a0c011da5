import type { Locator, Page } from "@playwright/test";
import { expect, runsOf, test } from "../src/trained.ts";

const MASKS = ["full", "layernorms", "frozen"];

/** Where a mask is named, and how its name is found there. */
interface Place {
  address: string;
  /** What must be done before it is seen. */
  open?: (page: Page) => Promise<void>;
  of: (page: Page, mask: string) => Locator;
}

/** The first element of these that names a mask, and no other whose name begins so. */
const named = (all: Locator, mask: string) =>
  all.filter({ hasText: new RegExp(`(^|[^\\w])${mask}(?![a-z_])`) }).first();

const rowOf = (name: RegExp) => (page: Page, mask: string) =>
  named(page.getByRole("region", { name }).getByRole("rowheader"), mask);

const PLACES: Record<string, Place> = {
  form: {
    address: "/new",
    of: (page, mask) =>
      page
        .getByRole("group", { name: "Masks" })
        .getByRole("row")
        .filter({ has: page.locator(`[value="${mask}"]`) }),
  },
  chips: {
    address: "/experiments/1",
    of: (page, mask) => named(page.getByRole("group", { name: "Show Masks" }).getByRole("button"), mask),
  },
  "list of runs": { address: "/experiments/1", of: (page, mask) => named(page.locator(".run-list li"), mask) },
  "table of runs": { address: "/experiments/1", of: rowOf(/^Table of runs$/) },
  results: { address: "/experiments/1", of: rowOf(/^Table of results$/) },
  "values of a chart": {
    address: "/experiments/1?rate=1e-3&seeds=1",
    open: async (page) => {
      const loss = page.locator("figure.chart").first();
      await expect(loss.locator("path.line")).toHaveCount(MASKS.length);
      await loss.locator(".plot").focus();
      await page.keyboard.press("End");
    },
    of: (page, mask) => named(page.locator("figure.chart .values li"), mask),
  },
  "pairs of masks": {
    address: "/experiments/1/verdicts",
    open: (page) => page.locator("summary", { hasText: "Every pair of masks" }).click(),
    of: rowOf(/every pair of masks$/),
  },
  "Try it": {
    address: "/experiments/1/try?text=the%20food%20was%20good",
    of: rowOf(/^What each mask says$/),
  },
};

test("a mask has the same picture wherever it stands, and another mask another", async ({ page, program }) => {
  const pictures = new Map<string, Map<string, string>>(MASKS.map((mask) => [mask, new Map()]));
  const look = async (place: string, mask: string, at: Locator) => {
    const glyph = at.locator("svg.glyph");
    await expect(glyph, `${mask}: ${place}`).toHaveCount(1);
    const drawn = await glyph.evaluate((svg) => svg.outerHTML);
    pictures.get(mask)!.set(place, drawn);
  };
  let shown = "";
  for (const [place, { address, open, of }] of Object.entries(PLACES)) {
    if (address !== shown) await page.goto(address);
    shown = address;
    await open?.(page);
    for (const mask of MASKS) await look(place, mask, of(page, mask));
  }
  const runs = await runsOf(program, 1);
  for (const mask of MASKS) {
    await page.goto(`/experiments/1/runs/${runs.find((run) => run.spec.mask === mask)!.id}`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(mask);
    await look("a run's page", mask, page.getByRole("region", { name: "Settings" }).locator("dd.mask"));
  }

  const first = new Set<string>();
  for (const [mask, drawn] of pictures) {
    expect(drawn.size, mask).toBe(Object.keys(PLACES).length + 1);
    const [picture] = drawn.values();
    for (const [place, other] of drawn) expect(other, `${mask}: ${place}`).toBe(picture);
    first.add(picture!);
  }
  expect(first.size, "each mask has a picture of its own").toBe(MASKS.length);
});
