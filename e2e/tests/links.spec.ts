import type { Page } from "@playwright/test";
import { Lab } from "../src/lab.ts";
import { expect, runWithWeights, runsOf, test } from "../src/trained.ts";

/** An address, and what it says. */
interface Link {
  address: string;
  shows: (page: Page, lab: Lab) => Promise<void>;
}

const pressed = (page: Page, row: string) =>
  page.getByRole("group", { name: `Show ${row}` }).locator("button[aria-pressed=true]");
const heading = (page: Page) => page.getByRole("heading", { level: 1 });
const chosen = (page: Page, name: string) =>
  page.getByRole("navigation", { name, exact: true }).locator("a[aria-current]");

/** The links, on runs of these ids. */
const links = (run: string, other: string): Record<string, Link> => ({
  "an experiment with filters, axes and an order": {
    address: "/experiments/1?axis=epoch&logx=1&group=seeds&mask=layernorms,frozen&rate=1e-3&sort=-best",
    shows: async (page, lab) => {
      await expect(heading(page)).toHaveText("Looked at");
      await expect(lab.runs("finished")).toHaveCount(4);
      await expect(pressed(page, "Masks")).toHaveText(["layernorms", "frozen"]);
      await expect(pressed(page, "Learning rates")).toHaveText(["1e-3"]);
      await expect(page.getByRole("radio", { name: "Epoch" })).toBeChecked();
      for (const name of ["Log x axis", "Mean over seeds"])
        await expect(page.getByRole("checkbox", { name })).toBeChecked();
      await expect(page.getByRole("columnheader", { name: /^Best/ })).toHaveAttribute("aria-sort", "descending");
      await expect(lab.chart("Training loss").locator("path.line")).toHaveCount(2);
      await expect(lab.chart("Training loss").locator("path.band")).toHaveCount(2);
    },
  },
  "a part of its charts without a run": {
    address: `/experiments/1?x=2..4&q=full&hide=${run}`,
    shows: async (page) => {
      await expect(page.getByRole("searchbox", { name: "Filter runs" })).toHaveValue("full");
      const list = page.getByRole("complementary", { name: "Runs in the charts" });
      await expect(list.getByRole("switch")).toHaveCount(4);
      await expect(list.getByRole("switch", { checked: false })).toHaveCount(1);
      await expect(page.getByRole("button", { name: "Reset zoom" })).toBeVisible();
    },
  },
  "a run": {
    address: `/experiments/1/runs/${run}`,
    shows: async (page, lab) => {
      await expect(heading(page)).toContainText("full");
      await expect(page.locator(".page-head").getByText(run)).toBeVisible();
      await expect(page.getByRole("rowheader", { name: /^Epoch 1/ })).toBeVisible();
      await expect(lab.chart("Training loss").locator("path.line")).toHaveCount(1);
      await expect(page.getByRole("region", { name: /^Log of the run/ })).toContainText("Finished after");
    },
  },
  "experiments beside each other": {
    address: "/compare?of=2,1&axis=time",
    shows: async (page) => {
      await expect(heading(page)).toHaveText("2 experiments compared");
      const members = page.getByRole("list", { name: "What is compared" }).getByRole("listitem");
      await expect(members.first()).toContainText("Beside it");
      await expect(page.getByRole("radio", { name: "Time" })).toBeChecked();
      await expect(page.getByRole("region", { name: /Scores beside each other/ })).toBeVisible();
    },
  },
  "runs beside each other": {
    address: `/compare?of=1:${run},2:${other}`,
    shows: async (page, lab) => {
      await expect(heading(page)).toHaveText("2 runs compared");
      await expect(lab.chart("Training loss").getByRole("img").first()).toHaveAccessibleName(/2 lines/);
    },
  },
  weights: {
    address: `/experiments/1/weights?run=${run}`,
    shows: async (page) => {
      await expect(chosen(page, "Tuned by")).toHaveText(/^full, Sentiment/);
      await expect(page.getByRole("figure").filter({ hasText: /^Drift of/ })).toBeVisible();
    },
  },
  verdicts: {
    address: "/experiments/1/verdicts?margin=5",
    shows: async (page) => {
      await expect(chosen(page, "Margin in percentage points")).toHaveText("5");
      await expect(page.getByText("within the margin, 5 points").first()).toBeVisible();
    },
  },
  table: {
    address: "/experiments/1/table?layout=layers",
    shows: async (page) => {
      await expect(chosen(page, "Layout")).toHaveText("One block's LayerNorms");
      await expect(page.getByRole("columnheader", { name: "Block" })).toBeVisible();
    },
  },
  "learning rates": {
    address: "/experiments/1/rates",
    shows: async (page) => {
      await expect(chosen(page, "Experiment")).toHaveText("Learning rates");
      // Three masks at two rates, and each of their two seeds.
      await expect(page.getByRole("figure").getByRole("link")).toHaveCount(6 + 12);
    },
  },
  "Try it": {
    address: "/experiments/1/try?text=the%20food%20was%20good&seed=2",
    shows: async (page, lab) => {
      await expect(lab.field("Text")).toHaveValue("the food was good");
      await expect(lab.field("Seeds")).toHaveValue("2");
      const rows = page.getByRole("region", { name: "What each mask says" }).locator("tbody tr");
      await expect(rows).toHaveCount(3);
      await expect(rows.first()).toContainText("seed 2");
    },
  },
  "the form, filled in with an experiment": {
    address: "/new?from=2",
    shows: async (_, lab) => {
      await expect(lab.field("Learning rates")).toHaveValue("1e-3");
      await expect(lab.field("Seeds")).toHaveValue("1, 2");
      await expect(lab.mask("layernorms")).toBeChecked();
      await expect(lab.mask("full")).not.toBeChecked();
    },
  },
  "the form, filled in with a study": {
    address: "/new?study=table2-quick",
    shows: async (_, lab) => {
      await expect(lab.field("Name")).toHaveValue("Table 2: modules on tokens, quick");
    },
  },
  "all experiments": {
    address: "/experiments",
    shows: async (page) => {
      await expect(page.getByRole("listitem").getByRole("heading", { level: 2 })).toHaveText([
        "Words",
        "Longer",
        "Two & more",
        "Beside it",
        "Looked at",
      ]);
    },
  },
});

test("an address that is opened cold shows what it says", async ({ page: before, browser, program }) => {
  const run = await runWithWeights(before, "full");
  const other = (await runsOf(program, 2))[0]!.id;
  for (const [what, { address, shows }] of Object.entries(links(run, other))) {
    await test.step(what, async () => {
      // Nothing is kept of any page before: no cache, no preferences, no draft.
      const context = await browser.newContext({ baseURL: program.url, viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(address);
      await shows(page, new Lab(page));
      // What it says still stands there, and can be handed on.
      expect(page.url(), what).toBe(program.url + address);
      expect(errors, what).toEqual([]);
      await context.close();
    });
  }
});
