import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator } from "@playwright/test";
import { Lab, LONG } from "../src/lab.ts";
import { STORIES } from "../src/scenes.ts";
import { expect, test } from "../src/test.ts";
import { test as looked } from "../src/trained.ts";
import { Wire } from "../src/wire.ts";

/** What a screen reader finds in what opens over a page, and in pages that are not of an experiment that went well. */

const matches = (part: Locator, snapshot: string) => expect(part).toMatchAriaSnapshot(snapshot);

test("dialogs and panels say what they ask and show", async ({ page }) => {
  const lab = new Lab(page);
  const wire = new Wire(page);
  await lab.begin({ ...LONG, name: "Goes on" });
  await expect.poll(() => wire.points).toBeGreaterThan(0);

  await page.keyboard.press("?");
  await matches(
    page.getByRole("dialog", { name: "Keyboard and mouse" }),
    `
- dialog "Keyboard and mouse":
  - heading "Keyboard and mouse" [level=2]
  - group "Keyboard and mouse":
    - heading "Everywhere" [level=3]
    - term: "?"
    - definition: Show these keys
    - heading "Charts" [level=3]
    - term: ← →
    - definition: Read the next point; with Shift ten at once
    - heading "Runs beside the charts" [level=3]
    - heading "Diagrams" [level=3]
    - heading "Painting a mask" [level=3]
  - button "Close"`,
  );
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Preferences" }).click();
  await matches(
    page.getByRole("dialog", { name: "Preferences" }),
    `
- dialog "Preferences":
  - combobox "Theme":
    - option "Auto" [selected]
    - option "Light"
    - option "Dark"
  - checkbox "Notify me when an experiment ends"
  - paragraph: /notifications|another tab/
  - button "Keyboard and mouse ?"`,
  );
  await page.keyboard.press("Escape");

  await lab.cancel.click();
  await matches(
    page.getByRole("dialog", { name: "Cancel experiment #1?" }),
    `
- 'dialog "Cancel experiment #1?"':
  - 'heading "Cancel experiment #1?" [level=2]'
  - paragraph: 1 run not yet finished will end. Undo or Retry continues each from its last checkpoint.
  - button "Cancel runs"
  - button "Keep them"`,
  );
  await page.keyboard.press("Escape");

  await page.getByRole("banner").locator(".machine > summary").click();
  const panel = page.getByRole("group", { name: "Machine and queue" });
  await expect(panel.getByRole("meter", { name: "Processor" })).toBeVisible();
  await matches(
    panel,
    `
- group "Machine and queue":
  - heading "Machine" [level=2]
  - term: Device
  - definition: /^CPU/
  - term: Processor
  - definition:
    - meter "Processor"
    - text: /\\d+ % of \\d+ cores?, \\d+ % by Tunemask/
  - term: Memory
  - definition:
    - meter "Memory"
  - term: Disk
  - heading "Queue" [level=2]
  - list "Queue":
    - listitem:
      - link "#1 Goes on"
      - text: /^trains/`,
  );
  await page.keyboard.press("Escape");

  // The page of the run that trains.
  await lab.runs("running").getByRole("link", { name: "full" }).click();
  await page.waitForURL(/\/runs\//);
  await expect(page.getByRole("region", { name: /^Log of the run/ })).toContainText("Started on cpu");
  await matches(
    page.locator("main"),
    `
- main:
  - paragraph:
    - link "Experiments"
    - link "#1 Goes on"
  - heading "full" [level=1]
  - paragraph:
    - text: /^running step [\\d,]+ of [\\d,]+, /
    - code: /^[0-9a-f]+$/
  - link "Show in the experiment's charts"
  - button "Cancel run full"
  - progressbar "Progress of the run"
  - region "Curves":
    - heading "Curves" [level=2]
    - figure /^Training loss/
  - region "Settings"
  - region "Log":
    - region "Log of the run, the latest first":
      - list:
        - listitem:
          - time: /^\\d+-\\d+-\\d+ /
          - text: /^Started on cpu of .* [\\d,]+ steps$/
        - listitem:
          - time: /./
          - text: Queued
  - region "Files":
    - paragraph:
      - link "Steps as CSV"
    - paragraph: The model can be downloaded when the run has finished.`,
  );
});

test("data of one's own are told from their columns to their tokens, and a run that failed says why", async ({
  page,
  program,
}) => {
  const folder = join(program.home, "mine", "reviews");
  await mkdir(folder, { recursive: true });
  const row = (n: number) => `${n},the tea was ${n % 2 ? "poor" : "fine"} at table ${n},${n % 2 ? "bad" : "good"}\n`;
  const rows = Array.from({ length: 40 }, (_, n) => row(n)).join("");
  await writeFile(join(folder, "train.csv"), `id,review,verdict\n${rows}`);
  await writeFile(join(folder, "dataset.toml"), 'label = "verdict"\n');
  await page.goto("/new");
  await new Lab(page).field("Data folder").fill(folder);
  const own = page.getByRole("region", { name: "Data of your own" });
  await expect(own.getByRole("region", { name: "Tokens of a training example" })).toBeVisible();
  await matches(
    own,
    `
- region "Data of your own own:reviews":
  - heading "Data of your own own:reviews" [level=2]
  - textbox "Task's name": reviews
  - combobox "Text":
    - option "review" [selected]
  - combobox "Second text":
    - option "None" [selected]
  - combobox "Label or score":
    - option "verdict" [selected]
  - combobox "Kind":
    - option "classification" [selected]
  - combobox "Metric that decides":
    - option "accuracy" [selected]
  - textbox "Between labels of a cell"
  - textbox "Labels in order": bad good
  - textbox "Share for development": "0.1"
  - heading "First rows" [level=3]
  - region "First rows":
    - table:
      - rowgroup:
        - row:
          - columnheader /^id whole numbers; 40 different/
          - columnheader /^review text text; 40 different/
          - columnheader /^verdict label text; 2 different/
      - rowgroup:
        - row "0 the tea was fine at table 0 good"
  - heading "Labels" [level=3]
  - region "Labels":
    - table:
      - rowgroup:
        - row "Label Training Development"
      - rowgroup:
        - row "bad 18 2"
        - row "good 18 2"
  - paragraph: /is right in 50\\.0 % of development$/
  - paragraph: "Examples: 36 for training, 4 for development"
  - heading "Tokens of a training example" [level=3]
  - region "Tokens of a training example":
    - table:
      - rowgroup:
        - row "Tokens Examples"
  - paragraph: /0 are cut to 128$/
  - button "Save"
  - paragraph: /^Writes dataset\\.toml into .*reviews, and ticks the task\\.$/`,
  );

  await STORIES.failures["failed"]!(page);
  await STORIES.failures["failed-run"]!(page);
  await matches(
    page.locator("main"),
    `
- main:
  - paragraph:
    - link "Experiments"
    - link "#1 Changed data"
  - heading "layernorms · seed 1" [level=1]
  - paragraph:
    - text: failed not begun
    - code: /^[0-9a-f]+$/
  - link "Show in the experiment's charts"
  - button "Retry run layernorms · seed 1"
  - progressbar "Progress of the run"
  - paragraph: the data of RTE has changed since this run was queued; start a new experiment
  - region "Scores":
    - paragraph: Scores come after the first epoch.
  - region "Curves":
    - figure /^Training loss/:
      - 'group /^Training loss: left and right read values/':
        - img "Training loss. No points."
        - paragraph: "No points: 1 run failed"
  - region "Settings"
  - region "Log":
    - region "Log of the run, the latest first":
      - list:
        - listitem:
          - time: /./
          - text: "Failed: the data of RTE has changed since this run was queued; start a new experiment"
        - listitem:
          - time: /./
          - text: Queued`,
  );
});

looked("experiments beside each other, and words with their tags, say what they show", async ({ page }) => {
  await page.goto("/compare?of=1,2");
  await expect(page.getByRole("region", { name: "Tests against the baseline" })).toBeVisible();
  await matches(
    page.locator("main"),
    `
- main:
  - heading "2 experiments compared" [level=1]
  - list "What is compared":
    - listitem:
      - link "#1 Looked at"
      - text: Baseline
    - listitem:
      - link "#2 Beside it"
      - 'link "Make #2 Beside it the baseline"'
  - combobox "Add an experiment"
  - region "Settings":
    - heading "Settings" [level=2]
    - region "4 settings in which they differ":
      - table "4 settings in which they differ":
        - rowgroup:
          - 'row "Setting #1 #2"'
        - rowgroup:
          - row "Name Looked at Beside it":
            - rowheader "Name"
          - row "Masks full, layernorms, frozen layernorms, frozen"
          - row "Learning rates 1e-3, 5e-3 1e-3"
          - row "Epochs 1 2"
    - group: /^\\d+ settings are equal$/
  - region "Curves":
    - heading "Curves" [level=2]
    - 'list "Key: Mask"':
      - listitem: full
      - listitem: layernorms
      - listitem: frozen
    - figure /^Training loss/:
      - 'group /^Training loss: left and right read values/':
        - img /^Training loss\\. 5 lines\\./
  - region "Scores":
    - heading "Scores" [level=2]
    - region "Scores beside each other":
      - table "Scores beside each other":
        - rowgroup:
          - 'row "Mask Score #1 #2"'
        - rowgroup:
          - row /^full Sentiment accuracy [\\d.]+ ± [\\d.]+ lr [15]e-3 · n 2 –$/
          - row /^layernorms /:
            - rowheader "layernorms"
            - cell "Sentiment accuracy"
            - cell /^[\\d.]+ ± [\\d.]+ lr [15]e-3 · n 2$/:
              - link /^[\\d.]+ ± [\\d.]+$/
            - cell /^[\\d.]+ ± [\\d.]+ lr 1e-3 · n 2$/
  - region "Tests":
    - heading "Tests" [level=2]
    - region "Tests against the baseline":
      - table "Tests against the baseline":
        - rowgroup:
          - row "Compared Score Difference 95 % interval p p (Holm) What it says"
        - rowgroup:
          - 'row /^#2 − #1 layernorms Sentiment accuracy .* The accuracy of #2 is .* 2 seeds cannot tell how training varies/'`,
  );

  await page.goto("/experiments/5/try?on=tags&text=the%20old%20cat%20sleeps");
  await expect(page.getByRole("list", { name: "What each mask says" }).locator(":scope > li")).toHaveCount(3);
  await matches(
    page.locator("main"),
    `
- main:
  - heading "Words" [level=1]
  - region "Try it":
    - combobox "Task":
      - option "Tags" [selected]
    - combobox "Learning rates"
    - combobox "Seeds"
    - textbox "Words, separated by spaces": the old cat sleeps
    - button "Read it"
    - heading /^(All masks agree on|Masks differ on \\d of) 4 words\\.$/ [level=3]
    - list "What each mask says":
      - listitem:
        - code: layernorms
        - link "seed 1"
        - link "seed 2"
        - list:
          - listitem: /^the \\S/
          - listitem: /^old \\S/
          - listitem: /^cat \\S/
          - listitem: /^sleeps \\S/
        - group: Each seed
      - listitem:
        - code: frozen
      - listitem:
        - code: bitfit
    - list:
      - listitem: /^Read as \\d+ tokens/`,
  );
});
