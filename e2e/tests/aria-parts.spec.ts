import type { Locator } from "@playwright/test";
import { Lab, LONG } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
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
