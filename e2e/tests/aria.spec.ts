import type { Page } from "@playwright/test";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/**
 * What a screen reader finds, page by page: names, roles and their order. Numbers are patterns; what is not named here may be
 * there, too.
 */

const TABS = `
  - navigation "Experiment":
    - link "Runs"
    - link "Table"
    - link "Verdicts"
    - link "Learning rates"
    - link "Weights"
    - link "Try it"`;

const FILES = (name: string) => `
      - button "Download ${name} as CSV"
      - button "Download ${name} as SVG"
      - button "Download ${name} as PNG"`;

async function matches(page: Page, snapshot: string): Promise<void> {
  await expect(page.locator("main")).toMatchAriaSnapshot(`- main:${snapshot}`);
}

test("the form reads from top to bottom as it is filled in", async ({ page }) => {
  await page.goto("/new");
  await expect(new Lab(page).start).toBeEnabled();
  await matches(
    page,
    `
  - heading "New experiment" [level=1]
  - region "Model and data":
    - heading "Model and data" [level=2]
    - textbox "Name"
    - combobox "Model": builtin:tiny
    - paragraph: /4 blocks of width 128 · 964,608 parameters/
    - combobox "Data folder"
    - button "Use files of your own"
  - group "Tasks":
    - heading "Tasks" [level=2]
    - group "Built in":
      - checkbox /^Acceptability/ [checked]
      - checkbox /^Sentiment/
    - group "GLUE, from the data folder":
      - checkbox /^CoLA/
    - group "Token classification, from the data folder":
      - checkbox /^NER/
  - group "Masks":
    - heading "Masks" [level=2]
    - table:
      - rowgroup:
        - row "Mask Modules by block Trainable Share Change"
      - rowgroup:
        - row /^full everything.* 964,608 100 %/:
          - rowheader /^full/:
            - checkbox /^full/ [checked]
        - row /^layernorms .* 2,048 0.212 %/:
          - rowheader /^layernorms/:
            - checkbox /^layernorms/ [checked]`,
  );
  // What a run is comes before the grid of them: parts that come late, too.
  const parts = page.locator(".form-main").getByRole("heading", { level: 2 });
  const order = ["Model and data", "Tasks", "Masks", "Protocol", "Learning rates and seeds"];
  await expect
    .poll(async () => (await parts.allTextContents()).filter((title) => order.includes(title)))
    .toEqual(order);
  await expect(page.getByRole("group", { name: "Paint a mask" })).toMatchAriaSnapshot(`
- group "Paint a mask":
  - table:
    - rowgroup:
      - row:
        - columnheader
  - status: /[\\d,]+ parameters train/`);
});

test("the pages of an experiment say what they show", async ({ page }) => {
  test.setTimeout(240_000);
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Spoken", masks: ["full", "layernorms", "frozen"], train: "64", epochs: "1" });
  await expect(lab.runs("finished")).toHaveCount(6, { timeout: 60_000 });
  await matches(
    page,
    `
  - heading "Spoken" [level=1]
  - link "Use as template"
  - button "TOML"
  - button "Edit"
  - button "Archive"
  - button "Delete"${TABS}
  - progressbar "Progress of the experiment"
  - text: /6 of 6 finished/
  - region "Results":
    - heading "Results" [level=2]
    - region "Table of results":
      - table "Table of results":
        - rowgroup:
          - row "Mask Trainable Sentiment accuracy"
        - rowgroup:
          - row /^full 964,608 [\\d.]+ ± [\\d.]+/:
            - cell /[\\d.]+ ± [\\d.]+/:
              - link /^[\\d.]+ ± [\\d.]+$/
  - complementary "Runs in the charts":
    - searchbox "Filter runs"
    - status: 6 drawn
    - list:
      - listitem:
        - checkbox "Choose full · seed 1 to be compared"
        - switch "full · seed 1" [checked]`,
  );
  await expect(lab.chart("Training loss")).toMatchAriaSnapshot(`
- figure /^Training loss/:
  - heading "Training loss" [level=3]
  - button "Training loss on the full screen"
  - 'group /^Training loss: left and right read values/':
    - img /^Training loss\\. 6 lines/
  - group: Show table`);

  await page.getByRole("region", { name: "Table of runs" }).getByRole("link", { name: "layernorms" }).first().click();
  await page.waitForURL(/\/runs\//);
  await expect(page.getByRole("table").getByRole("row")).toHaveCount(2);
  await matches(
    page,
    `
  - paragraph:
    - link "Experiments"
    - link "#1 Spoken"
  - heading "layernorms · seed 1" [level=1]
  - progressbar "Progress of the run"
  - region "Scores":
    - region "Table of scores":
      - table:
        - rowgroup:
          - row "After Accuracy Loss Time of the evaluation"
        - rowgroup:
          - row /^Epoch 1 \\(best\\) [\\d.]+ [\\d.]+/
  - region "Curves"`,
  );
  const part = (name: string) => page.getByRole("region", { name, exact: true });
  await expect(part("Settings")).toMatchAriaSnapshot(`
- term: Task
- definition: Sentiment
- term: Mask
- definition:
  - code: layernorms
- term: Trains
- definition: 2,048 parameters, 0.212 % of the model`);
  await expect(part("Course")).toMatchAriaSnapshot(`
- term: Frozen weights
- definition: unchanged, bit for bit`);
  await expect(part("Files")).toMatchAriaSnapshot(`
- link "Model as a Hugging Face folder (tar)"
- link "What it trained (safetensors)"`);

  await page.goto("/experiments/1/table");
  await expect(page.getByRole("region", { name: "Modules by task" })).toBeVisible();
  await matches(
    page,
    `
  - heading "Spoken" [level=1]${TABS}
  - region "Table":
    - heading "Table" [level=2]
    - navigation "Layout":
      - link "Modules"
      - link "One block's LayerNorms"
      - link "Outliers"
    - figure "Sentiment accuracy":
      - img /^Sentiment accuracy\\. \\d masks\\. Highest/
      - 'group "Sentiment accuracy: arrow keys lead from figure to figure"':
        - link /^frozen. [\\d.]+ ± [\\d.]+, trains 0 %\\. Show 2 runs$/${FILES("Sentiment accuracy")}
    - region "Modules by task":
      - table "Modules by task":
        - caption: Modules by task
        - rowgroup:
          - row "Mask Trainable Sentiment accuracy"
        - rowgroup:
          - row /^full 964,608/
    - button "Download table as Markdown"
    - button "Download table as LaTeX"
    - button "Download table as CSV"`,
  );

  await page.goto("/experiments/1/verdicts");
  await expect(page.getByRole("figure").first()).toBeVisible();
  await matches(
    page,
    `
  - heading "Spoken" [level=1]${TABS}
  - region "Verdicts":
    - heading "Verdicts" [level=2]
    - navigation "Margin in percentage points":
      - link "2"
    - paragraph: /^Differences between masks with 90 % intervals/
    - figure /^Every module alone comes close to full fine-tuning\\. undecided/:
      - heading "Every module alone comes close to full fine-tuning." [level=3]
      - text: undecided
      - img /^Every module alone comes close to full fine-tuning\\. layernorms − full/
      - group /arrow keys lead from figure to figure$/:
        - link /^layernorms − full.* points .*Show 4 runs$/`,
  );

  await page.goto("/experiments/1/rates");
  await expect(page.getByRole("figure").getByRole("link").first()).toBeVisible();
  await matches(
    page,
    `${TABS}
  - region "Learning rates":
    - heading "Learning rates" [level=2]
    - figure "Sentiment accuracy":
      - img /^Sentiment accuracy\\. 3 masks at .* learning rates?\\. Best/
      - 'group "Sentiment accuracy: arrow keys lead from figure to figure"':
        - link /^full at 1e-3. [\\d.]+ ± [\\d.]+; seed 1 [\\d.]+, seed 2 [\\d.]+/${FILES("Sentiment accuracy")}
    - 'figure "Each seed: Sentiment accuracy"':
      - img /^Each seed. Sentiment accuracy\\. 3 masks at 1 learning rate with 2 seeds\\. 6 runs with a figure, 0 without/
      - 'group "Each seed: Sentiment accuracy: arrow keys lead from figure to figure"':
        - link /^full at 1e-3, seed 1. [\\d.]+; picked\\. Show 1 run$/
      - 'button "Download Each seed: Sentiment accuracy as CSV"'
    - button "Download learning rates as CSV"`,
  );

  await page.goto("/experiments/1/weights");
  await page.getByRole("link", { name: /^full, Sentiment/ }).click();
  await expect(page.getByRole("figure").filter({ hasText: /^Drift of/ })).toBeVisible();
  await matches(
    page,
    `${TABS}
  - region "Weights":
    - heading "Weights" [level=2]
    - navigation "Tuned by":
      - link "pretrained only"
      - link "full, Sentiment, 1e-3"
    - figure "Drift of builtin:tiny by module and block":
      - img /^Drift of builtin.tiny by module and block\\. How far full on Sentiment moved each module/
      - group:
        - button /^Attention, block 1. drift [\\d.]+ %; 66,048 scalars$/`,
  );

  await page.goto("/experiments/1/try?text=the%20food%20was%20good");
  await expect(page.getByRole("region", { name: "What each mask says" })).toBeVisible();
  await matches(
    page,
    `${TABS}
  - region "Try it":
    - heading "Try it" [level=2]
    - combobox "Task"
    - combobox "Learning rates"
    - combobox "Seeds"
    - textbox "Text": the food was good
    - button "Read it"
    - heading /masks say/ [level=3]
    - region "What each mask says":
      - table:
        - rowgroup:
          - row "Mask Says negative positive"
        - rowgroup:
          - row /^full 1e-3, seed 1 seed 2 (positive|negative)/:
            - rowheader /^full/:
              - link "seed 1"
              - link "seed 2"`,
  );

  await page.goto("/");
  await matches(
    page,
    `
  - heading "Experiments" [level=1]
  - link "New experiment"
  - search:
    - searchbox "Search experiments"
  - list:
    - listitem:
      - article:
        - heading "Spoken" [level=2]:
          - link "Spoken"
        - checkbox "Choose Spoken to be compared"
        - progressbar "Progress of Spoken"
        - text: 6 of 6 finished`,
  );
});
