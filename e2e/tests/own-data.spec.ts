import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

/** Made-up reviews whose words decide. The label's column has no name that tells. */
function reviews(rows = 80): string {
  const row = (n: number) => {
    const [word, verdict] = n % 2 ? ["poor", "bad"] : ["fine", "good"];
    return `${n},the tea was ${word} at table ${n},${verdict}\n`;
  };
  return `id,review,verdict\n${Array.from({ length: rows }, (_, n) => row(n)).join("")}`;
}

/** A file as a user chooses it. */
function file(name: string, content: string | Buffer) {
  return { name, mimeType: "text/csv", buffer: Buffer.from(content) };
}

const chooser = (page: Page) => page.getByLabel("Use files of your own");
const panel = (page: Page) => page.getByRole("region", { name: "Data of your own" });

async function accessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    expect(await faults(page)).toEqual([]);
  }
}

test("files of one's own go from the dialog to a finished table, wrong ones first", async ({ page, program }) => {
  const lab = new Lab(page);
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  const status = page.locator(".upload");
  const wrong: [string, string | Buffer, RegExp][] = [
    ["table.xlsx", "PK", /^table\.xlsx: a spreadsheet; save it as CSV/],
    ["picture.png", Buffer.from([0x89, 0x50, 0x4e, 0x47]), /^picture\.png: not a file of rows/],
    ["picture.csv", Buffer.from([0x89, 0x50, 0x4e, 0x47]), /^picture\.csv, line 1: .*not UTF-8/],
    ["empty.csv", "", /^empty\.csv: /],
    ["short.csv", "text,label\nfine,good\npoor\n", /^short\.csv, line 3: 1 column; the header has 2/],
  ];
  // By keyboard, with the dialog itself.
  await lab.field("Data folder").focus();
  await page.keyboard.press("Tab");
  await expect(chooser(page)).toBeFocused();
  const dialog = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  const [name, content, sentence] = wrong[0]!;
  await (await dialog).setFiles(file(name, content));
  await expect(status).toHaveText(sentence);
  for (const [name, content, sentence] of wrong.slice(1)) {
    await chooser(page).setInputFiles(file(name, content));
    await expect(status).toHaveText(sentence);
  }
  expect(await readdir(join(program.home, "data"))).toEqual([]);
  await expect(lab.field("Data folder")).toHaveValue("");

  await chooser(page).setInputFiles(file("reviews.csv", reviews()));
  await expect(status).toHaveText("reviews.csv is stored; the data folder is where");
  const folder = await lab.field("Data folder").inputValue();
  expect(folder.startsWith(join(program.home, "data"))).toBe(true);
  expect(await readFile(join(folder, "reviews.csv"), "utf8")).toBe(reviews());

  // Which column is the label, nobody guesses.
  const own = panel(page);
  const label = own.getByLabel("Label or score");
  await expect(label).toHaveAccessibleDescription(/say which column is the label/);
  await expect(own.getByRole("button", { name: "Save" })).toBeDisabled();
  await expect(own.getByRole("region", { name: "First rows" })).toContainText("the tea was fine at table 0");
  await label.focus();
  await label.selectOption("verdict");
  await expect(label).not.toHaveAttribute("aria-invalid", "true");
  await expect(label).toBeFocused();
  await expect(own.getByLabel("Text", { exact: true })).toHaveValue("review");
  await expect(own.getByLabel("Kind")).toHaveValue("classification");
  const labels = own.getByRole("region", { name: "Labels" });
  await expect(labels.getByRole("row").nth(2)).toHaveText(/good\s*36\s*4/);
  await expect(own).toContainText("right in 50.0 % of development");
  await expect(own).toContainText("Examples: 72 for training, 8 for development");
  await expect(own.getByRole("region", { name: "Tokens of a training example" })).toContainText(/1–16\s*36/);
  await expect(own).toContainText("0 are cut to 128");
  await lab.openProtocol();
  await lab.field("Longest sequence").fill("8");
  await expect(own).toContainText("72 are cut to 8");
  await lab.field("Longest sequence").fill("32");

  // A wrong share is told at its field, and another order of labels is seen at once.
  const share = own.getByLabel("Share for development");
  await share.fill("5");
  await expect(share).toHaveAccessibleDescription(/between 0 and 1/);
  await share.fill("0.2");
  await expect(own).toContainText("Examples: 64 for training, 16 for development");
  await own.getByLabel("Labels in order").fill("good\nbad");
  await expect(labels.getByRole("row").nth(1)).toHaveText(/^\s*good/);
  await own.getByLabel("Metric that decides").selectOption("f1");
  await own.getByLabel("Task's name").fill("teas");
  await expect(own.getByRole("heading", { name: "Data of your own own:teas" })).toBeVisible();

  await accessible(page);
  await page.setViewportSize({ width: 320, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await page.setViewportSize({ width: 1280, height: 900 });

  await own.getByRole("button", { name: "Save" }).click();
  await expect(own.getByRole("status")).toContainText("Saved as");
  const toml = await readFile(join(folder, "dataset.toml"), "utf8");
  for (const line of ['name = "teas"', 'label = "verdict"', 'labels = ["good", "bad"]', "split = 0.2"]) {
    expect(toml).toContain(line);
  }
  await expect(lab.box("teas")).toBeChecked();

  for (const task of ["Acceptability", "Questions", "Sentiment"]) await lab.box(task).setChecked(false);
  for (const mask of ["full", "layernorms", "bitfit", "frozen"]) await lab.mask(mask).setChecked(mask === "layernorms");
  for (const [field, text] of Object.entries({ "Learning rates": "1e-2", Seeds: "1", Epochs: "1" })) {
    await lab.field(field).fill(text);
  }
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await expect(lab.runs("finished")).toHaveCount(1, { timeout: 60_000 });
  await lab.tab("Table").click();
  await expect(page.getByRole("region", { name: "Modules by task" })).toContainText("teas");

  // The same file again is the same folder, with what was said of it.
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  await chooser(page).setInputFiles(file("reviews.csv", reviews()));
  await expect(lab.field("Data folder")).toHaveValue(folder);
  await expect(panel(page).getByLabel("Task's name")).toHaveValue("teas");
  expect(await readdir(join(program.home, "data"))).toHaveLength(1);
});

test("a folder that is named is looked at, and its own dataset.toml stays until it may go", async ({
  page,
  program,
}) => {
  const data = join(program.home, "mine");
  for (const name of ["letters", "reviews"]) await mkdir(join(data, name), { recursive: true });
  await writeFile(join(data, "letters", "train.csv"), "text,label\na,x\nb,y\nc,x\nd,y\n");
  await writeFile(join(data, "reviews", "train.csv"), reviews());
  await writeFile(join(data, "reviews", "more.csv"), reviews(20));
  const comment = '# mine\nlabel = "verdict"\n';
  await writeFile(join(data, "reviews", "dataset.toml"), comment);
  const lab = new Lab(page);
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  await lab.field("Data folder").fill(data);
  const own = panel(page);
  await expect(own.getByLabel("Task's name")).toHaveValue("letters");
  await own.getByLabel("Folder", { exact: true }).selectOption("reviews");
  await expect(own.getByLabel("Task's name")).toHaveValue("reviews");
  await expect(own.getByLabel("Label or score")).toHaveValue("verdict");
  await own.getByLabel(/^more\.csv, /).selectOption("development");
  await expect(own).toContainText("Examples: 80 for training, 20 for development");
  await expect(own).toContainText("20 of 20 development inputs also stand in the training files");
  await expect(own).toContainText(`Writes dataset.toml into ${join(data, "reviews")}`);
  await own.getByRole("button", { name: "Save" }).click();
  const status = own.getByRole("status");
  await expect(status).toContainText("is there already, and says something else");
  await expect(status).toContainText("# mine");
  const path = join(data, "reviews", "dataset.toml");
  expect(await readFile(path, "utf8")).toBe(comment);
  await accessible(page);
  await own.getByRole("button", { name: "Replace it" }).click();
  await expect(status).toContainText(`Saved as ${path}`);
  expect(await readFile(path, "utf8")).toContain('development = "more.csv"');
  // What this page wrote it may write again.
  await own.getByLabel("Metric that decides").selectOption("matthews");
  await own.getByRole("button", { name: "Save" }).click();
  await expect(status).toContainText("Saved as");
  expect((await stat(path)).mode & 0o040).toBe(0o040);
  await expect(lab.box("reviews")).toBeChecked();
});

test("labels of any spelling are put in order, and nothing loses its place meanwhile", async ({ page, program }) => {
  const data = join(program.home, "mine", "topics");
  await mkdir(data, { recursive: true });
  const row = (n: number) => `${n},a text about ${n},${n % 2 ? "food; drink" : "travel , sea"}\n`;
  const rows = Array.from({ length: 60 }, (_, n) => row(n).replace("travel , sea", '"travel , sea"'));
  await writeFile(join(data, "train.csv"), `id,text,topics\n${rows.join("")}`);
  await writeFile(join(data, "dataset.toml"), 'label = "topics"\n');
  const lab = new Lab(page);
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  await lab.field("Data folder").fill(data);
  const own = panel(page);
  const order = own.getByLabel("Labels in order");
  await expect(order).toHaveValue("food; drink\ntravel , sea");
  const first = own.getByRole("region", { name: "First rows" });
  await first.evaluate((region) => (region.scrollTop = 200));
  await own.getByText("dataset.toml", { exact: true }).click();
  const toml = own.locator("details pre");
  await expect(toml).toBeVisible();
  await order.fill("travel , sea\nfood; drink");
  await expect(toml).toContainText('labels = ["travel , sea", "food; drink"]');
  await expect(own.getByRole("region", { name: "Labels" }).getByRole("row").nth(1)).toHaveText(/^\s*travel , sea/);
  expect(await first.evaluate((region) => region.scrollTop)).toBe(200);
  await expect(toml).toBeVisible();
  // Several labels in a cell, with blanks around what stands between them.
  await own.getByLabel("Between labels of a cell").fill(" , ");
  await expect(own.getByLabel("Between labels of a cell")).toHaveValue(" , ");
  await expect(toml).toContainText('separator = " , "');
  await expect(order).toHaveValue(/travel/);
  expect(await first.evaluate((region) => region.scrollTop)).toBe(200);
});

test("an upload can be stopped, and a dropped file is taken", async ({ page, program }) => {
  const lab = new Lab(page);
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  // Held up on its way, as on a slow network.
  let go = () => {};
  const held = new Promise<void>((done) => (go = done));
  await page.route("**/uploads", async (route) => {
    await held;
    // The page has given it up by then.
    await route.abort().catch(() => {});
  });
  await chooser(page).setInputFiles(file("reviews.csv", reviews()));
  await page.getByRole("button", { name: "Stop the upload" }).click();
  await expect(page.locator(".upload")).toHaveText("");
  go();
  await page.unroute("**/uploads");
  const dropped = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.csv"));
    return transfer;
  }, reviews());
  const place = page.locator(".drop", { hasText: "Use files of your own" });
  await place.dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.locator(".upload")).toHaveText("dropped.csv is stored; the data folder is where");
  expect(await readdir(join(program.home, "data"))).toHaveLength(1);
  // Beside its place it does nothing.
  const elsewhere = await page.evaluateHandle(() => {
    const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() });
    event.dataTransfer!.items.add(new File(["x"], "x.csv"));
    document.body.dispatchEvent(event);
    return event.defaultPrevented;
  });
  expect(await elsewhere.jsonValue()).toBe(true);
});
