import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

const STARTER = `name = "Modules of a tiny BERT"
model = "builtin:tiny"
tasks = ["acceptability", "questions"]
masks = ["full", "layernorms", "bitfit", "frozen"]
learning_rates = [5e-4, 1e-2]
seeds = [1, 2]
epochs = 3
train_limit = 1000
`;

async function openFile(page: Page) {
  await page.getByText("As a file").click();
  return page.getByLabel("Experiment file", { exact: true });
}

test("the form is a file that follows it, and that it follows", async ({ page }) => {
  const lab = new Lab(page);
  await page.goto("/new");
  const file = await openFile(page);
  await expect(file).toHaveValue(STARTER);

  // The file follows the form.
  await lab.field("Name").fill('Three "masks"');
  await lab.mask("full").uncheck();
  await lab.openProtocol();
  await lab.field("Warm-up").fill("0.06");
  const written = STARTER.replace("Modules of a tiny BERT", 'Three \\"masks\\"')
    .replace('"full", ', "")
    .replace("epochs = 3\n", "epochs = 3\nwarmup_fraction = 0.06\n");
  await expect(file).toHaveValue(written.replace('"Three \\"masks\\""', "'Three \"masks\"'"));
  await expect(page.getByText("tunemask run three-masks.toml")).toBeVisible();

  // The form follows the file; what is wrong in it is told with line and field.
  await file.fill('name = "Pasted"\ntasks = ["tags"]\nmasks = ["single_norm:2"]\nseeds = [4, 5]\n');
  await expect(lab.field("Name")).toHaveValue("Pasted");
  await expect(lab.box("Tags")).toBeChecked();
  await expect(lab.box("Acceptability")).not.toBeChecked();
  await expect(lab.field("Blocks")).toHaveValue("2");
  await expect(lab.field("Warm-up")).toHaveValue("0.1");
  await expect(file).toHaveValue('name = "Pasted"\ntasks = ["tags"]\nmasks = ["single_norm:2"]\nseeds = [4, 5]\n');
  await file.fill('name = "Broken"\nseeds = [1, "two"]\n');
  await expect(page.getByText('line 2: seeds[1]: invalid type: string "two"')).toBeVisible();
  await expect(file).toHaveAttribute("aria-invalid", "true");
  await expect(lab.field("Name")).toHaveValue("Pasted");
  await expect(page.getByRole("button", { name: "Copy file" })).toBeDisabled();
  await page.getByRole("button", { name: "Show the form's file again" }).click();
  await expect(file).toHaveValue(/^name = "Pasted"\nmodel = "builtin:tiny"\n/);

  // What the form can hold it shows at its field, too.
  await file.fill('masks = ["full"]\nepochs = 0\n');
  await expect(page.getByText(/^line 2: epochs: 1 to 10000/)).toBeVisible();
  await expect(lab.field("Epochs")).toHaveAttribute("aria-invalid", "true");
  await lab.field("Epochs").fill("2");
  await expect(file).toHaveValue(/\nmasks = \["full"\]\n.*\nepochs = 2\n/s);
  await expect(file).not.toHaveAttribute("aria-invalid", "true");

  // What the form cannot read stands in no file.
  await lab.field("Seeds").fill("one");
  await expect(page.getByText("A field of the form cannot be read")).toBeVisible();
  await expect(page.getByRole("button", { name: "Download file" })).toBeDisabled();
});

test("a command with a file in it is read, and learning rates of single cells are kept", async ({ page }) => {
  const lab = new Lab(page);
  await page.goto("/new");
  const file = await openFile(page);
  const further = '[[further_rates]]\ntask = "tags"\nmask = "full"\nlearning_rates = [2e-2, 5e-2]\n';
  const pasted = `name = "Pasted"\ntasks = ["tags"]\nmasks = ["full"]\nlearning_rates = [1e-3]\nseeds = [4]\n\n${further}`;
  await file.fill(`tunemask run - <<'END'\n${pasted}END\n`);
  await expect(lab.field("Name")).toHaveValue("Pasted");
  await expect(lab.field("Seeds")).toHaveValue("4");
  const cells = page.getByRole("list", { name: "Further rates of single cells" });
  await expect(cells).toHaveText("full on tags: 2e-2, 5e-2");
  const summary = page.getByRole("complementary", { name: "Summary" });
  await expect(summary).toContainText("3 runs");
  // The file of the form has them, too, until they are removed.
  await file.blur();
  await expect(file).toHaveValue(new RegExp(`^name = "Pasted"\n(.|\n)*${further.replace(/[[\]]/g, "\\$&")}`));
  await lab.box("Tags").uncheck();
  await lab.box("Sentiment").check();
  await expect(page.getByText("`tags` is not one of `tasks`").first()).toBeVisible();
  await page.getByRole("button", { name: "Remove them" }).click();
  await expect(cells).toHaveCount(0);
  await expect(lab.field("Learning rates")).toBeFocused();
  await expect(summary).toContainText("1 run");
  await expect(file).not.toHaveValue(/further_rates/);
});

test("a file is saved by the page and opened by it, and is the experiment that starts", async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), "tunemask-file-"));
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Saved", masks: ["frozen"], seeds: "1", train: "64", epochs: "1" });
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "TOML" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe("saved.toml");
  const path = join(folder, "saved.toml");
  await download.saveAs(path);
  const text = await readFile(path, "utf8");
  expect(text).toContain('name = "Saved"\nmodel = "builtin:tiny"\ntasks = ["sentiment"]\nmasks = ["frozen"]\n');
  await expect(lab.runs("finished")).toHaveCount(1, { timeout: 60_000 });

  await page.goto("/new");
  await openFile(page);
  await page.getByLabel("Open a file").setInputFiles(path);
  await expect(lab.field("Name")).toHaveValue("Saved");
  await expect(lab.field("Training examples")).toHaveValue("64");
  await expect(lab.plan).toContainText("All of its runs are already done");
  const again = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download file" }).click();
  await (await again).saveAs(join(folder, "again.toml"));
  expect(await readFile(join(folder, "again.toml"), "utf8")).toBe(text);

  const other = join(folder, "other.toml");
  await writeFile(other, "name = 3\n");
  await page.getByLabel("Open a file").setInputFiles(other);
  await expect(page.getByText("line 1: name: invalid type: integer `3`")).toBeVisible();
  await expect(lab.field("Name")).toHaveValue("Saved");
  await rm(folder, { recursive: true });
});

test("file and command are copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/new");
  await openFile(page);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("button", { name: "Copy file" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await copied()).toBe(STARTER);
  await page.getByRole("button", { name: "Copy command", exact: true }).click();
  await expect.poll(copied).toBe("tunemask run modules-of-a-tiny-bert.toml");
  await page.getByRole("button", { name: "Copy command and file in one" }).click();
  await expect.poll(copied).toBe(`tunemask run - <<'END'\n${STARTER}END\n`);
});
