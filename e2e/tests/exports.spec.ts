import type { Page } from "@playwright/test";
import { parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { test as looked, runsOf } from "../src/trained.ts";

/** Fields of a CSV file, row by row; quotes hold commas and line ends (RFC 4180). */
function fields(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain!);
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  if (rows.at(-1)!.every((field) => field === "")) rows.pop();
  return rows;
}

/** Names of the files in a tar archive. */
function members(tar: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const text = (from: number, length: number) => tar.toString("utf8", at + from, at + from + length).split("\0")[0]!;
    names.push(text(0, 100));
    at += 512 + Math.ceil(parseInt(text(124, 12), 8) / 512) * 512;
  }
  return names;
}

/** A row, by the names of its columns; numbers and moments as JSON has them. */
type Row = Record<string, unknown>;

/** Rows of a parquet file, by another reader than the program's. */
async function parquetRows(bytes: Buffer): Promise<Row[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const plain = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
  const rows = (await parquetReadObjects({ file, compressors })) as Row[];
  const entry = ([name, value]: [string, unknown]) => [name, typeof value === "bigint" ? Number(value) : plain(value)];
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(entry)) as Row);
}

/** Rows of a file of JSON Lines. */
const jsonRows = (text: string): Row[] =>
  text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

/** What is wrong with a file of this form; nothing if whoever opens it finds what they expect. */
async function fault(page: Page, form: string, bytes: Buffer): Promise<string | undefined> {
  const text = bytes.toString("utf8");
  switch (form) {
    case "CSV": {
      const rows = fields(text);
      const ragged = rows.find((row) => row.length !== rows[0]!.length);
      return rows.length < 2 ? "no row" : ragged && `${ragged.length} fields of ${rows[0]!.length}: ${ragged}`;
    }
    case "Markdown": {
      const cells = (line: string) => line.replaceAll("\\|", "").split("|").length;
      const rows = text.split("\n").filter((line) => line.startsWith("|"));
      if (rows.length < 3 || !/^[|\s:-]+$/.test(rows[1]!)) return "no table";
      const heads = [cells(rows[0]!), cells(rows[1]!)];
      return heads[0] === heads[1] ? undefined : `heads of ${heads} cells`;
    }
    case "LaTeX": {
      const open: string[] = [];
      for (const [, what, name] of text.matchAll(/\\(begin|end)\{(\w+\*?)\}/g)) {
        if (what === "begin") open.push(name!);
        else if (open.pop() !== name) return `\\end{${name}} closes something else`;
      }
      return open.length > 0 ? `not closed: ${open}` : /\\toprule[^]*\\bottomrule/.test(text) ? undefined : "no table";
    }
    case "SVG":
      return page.evaluate((source) => {
        const root = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
        const drawn = root.querySelectorAll("path, rect, circle, line, text").length;
        return root.tagName !== "svg" ? root.textContent!.slice(0, 200) : drawn < 3 ? "nothing is drawn" : undefined;
      }, text);
    case "PNG":
      return page.evaluate(async (base64) => {
        const source = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([source], { type: "image/png" }));
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        const context = canvas.getContext("2d")!;
        context.drawImage(picture, 0, 0);
        const { data } = context.getImageData(0, 0, picture.width, picture.height);
        const colours = new Set(new Uint32Array(data.buffer));
        return colours.size < 4 ? `${picture.width} × ${picture.height} of ${colours.size} colours` : undefined;
      }, bytes.toString("base64"));
    case "JSON Lines": {
      return jsonRows(text).every((row) => typeof row === "object") ? undefined : "a line that is not an object";
    }
    case "parquet": {
      const rows = await parquetRows(bytes);
      return rows.length > 0 ? undefined : "no row";
    }
    case "safetensors": {
      const head = JSON.parse(bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE(0)))) as object;
      const tensors = Object.entries(head).filter(([name]) => name !== "__metadata__");
      const end = Math.max(...tensors.map(([, tensor]) => (tensor as { data_offsets: number[] }).data_offsets[1]!));
      const whole = 8 + Number(bytes.readBigUInt64LE(0)) + end === bytes.length;
      return tensors.length > 0 && whole ? undefined : `${tensors.length} tensors, ${bytes.length} bytes`;
    }
    case "tar": {
      const names = members(bytes).map((name) => name.split("/").pop()!);
      const adapter = names.includes("adapter_config.json");
      const wanted = adapter ? ["adapter_model.safetensors"] : ["config.json", "model.safetensors", "vocab.txt"];
      const missing = wanted.filter((name) => !names.includes(name));
      return missing.length > 0 ? `lacks ${missing}: ${names}` : undefined;
    }
    case "TOML":
      return /^model = /m.test(text) ? undefined : "no model";
    default:
      return "a form that this test does not know";
  }
}

/** Opens every fold of a page: what is in them can be saved, too. */
async function unfold(page: Page): Promise<void> {
  await page.locator("main details:not([open]) > summary").evaluateAll((all) => {
    for (const summary of all) (summary as HTMLElement).click();
  });
}

/** Saves by every button of a page, once there are so many, and opens what was saved; by how many, and what is wrong. */
async function saveAll(page: Page, faults: string[], least: number): Promise<number> {
  const buttons = page.locator("main").getByRole("button", { name: /^Download .* as / });
  await expect.poll(() => buttons.count(), { message: `files of ${page.url()}` }).toBeGreaterThanOrEqual(least);
  const count = await buttons.count();
  for (let at = 0; at < count; at += 1) {
    const name = (await buttons.nth(at).getAttribute("aria-label"))!;
    await test.step(name, async () => {
      const { bytes } = await new Lab(page).save(buttons.nth(at));
      const wrong = await fault(page, name.split(" as ").pop()!, bytes);
      if (wrong) faults.push(`${name}: ${wrong}`);
    });
  }
  return count;
}

/** The form in a link's words: `Steps as CSV`, `What it trained (safetensors)`. */
const formOf = (words: string) => /\((\w+)\)$/.exec(words)?.[1] ?? words.split(" as ").pop()!;

/** Opens the file behind every link of a page that leads to one, once there are so many; and says what is wrong. */
async function openAll(page: Page, faults: string[], count: number): Promise<void> {
  const files = page.locator("main a[href*='/api/v1/']");
  await expect(files).toHaveCount(count);
  const links = await files.all();
  const tables = new Map<string, { parquet?: Row[]; json?: Row[] }>();
  for (const link of links) {
    const words = (await link.innerText()).trim();
    const answer = await page.request.get((await link.getAttribute("href"))!);
    expect(answer.status(), words).toBe(200);
    const [form, bytes] = [formOf(words), await answer.body()];
    const wrong = await fault(page, form, bytes);
    if (wrong) faults.push(`${words}: ${wrong}`);
    const what = words.split(" as ")[0]!;
    if (form === "parquet") tables.set(what, { ...tables.get(what), parquet: await parquetRows(bytes) });
    if (form === "JSON Lines") tables.set(what, { ...tables.get(what), json: jsonRows(bytes.toString()) });
  }
  // Whichever form a table has, its rows are the same.
  for (const [what, { parquet, json }] of tables) expect(parquet, what).toEqual(json);
}

test("every file that a page offers opens as what it is called", async ({ page }) => {
  test.setTimeout(300_000);
  const lab = new Lab(page);
  const masks = ["full", "layernorms", "frozen"];
  await lab.begin({ ...SHORT, name: 'Files, "all" of them', masks, rates: "1e-3, 5e-3", train: "128", seeds: "1-3" });
  await expect(lab.runs("finished")).toHaveCount(18, { timeout: 120_000 });
  const faults: string[] = [];
  // Six charts and the results; table and its plot; intervals; rates, their map and that of every seed; drift, histograms, norms, moments.
  for (const [tab, shown, least] of [
    ["Runs", "figure", 6 * 3 + 3],
    ["Table", "table", 6],
    ["Verdicts", "figure", 3],
    ["Learning rates", "figure", 9],
    ["Weights", "figure", 9],
  ] as const) {
    await lab.tab(tab).click();
    // Before that the page that is left has figures and tables, too.
    await expect(lab.tab(tab)).toHaveAttribute("aria-current", "page");
    await expect(page.locator("main").getByRole(shown).first()).toBeVisible();
    if (tab === "Weights") {
      await page.getByRole("link", { name: /^full, Sentiment/ }).click();
      await expect(page.getByRole("figure").filter({ hasText: /^Drift of/ })).toBeVisible();
    }
    await unfold(page);
    await saveAll(page, faults, least);
  }
  expect(faults).toEqual([]);

  await lab.tab("Runs").click();
  // Runs, steps and evaluations in three forms each.
  await expect(page.getByRole("region", { name: "Files" })).toBeVisible();
  await openAll(page, faults, 9);
  await lab.runs("finished").filter({ hasText: "layernorms" }).first().getByRole("link").first().click();
  await page.waitForURL(/\/runs\//);
  // Its model, what it trained, and its steps in three forms; a chart in three, of each value; its scores in two.
  await openAll(page, faults, 5);
  await expect(lab.chart("Training loss").locator("path.line").first()).toBeAttached();
  await saveAll(page, faults, 6 * 3 + 2);
  expect(faults).toEqual([]);
});

looked(
  "what is tried, a run's scores and the form's pictures open as what they are called",
  async ({ page, program }) => {
    const faults: string[] = [];
    const lab = new Lab(page);
    const saved = async (name: string) => (await lab.save(page.getByRole("button", { name }))).text;
    await page.goto("/experiments/1/try?text=the%20food%20was%20good");
    await expect(page.getByRole("region", { name: "What each mask says" })).toBeVisible();
    await saveAll(page, faults, 2);
    const [heads, ...rows] = fields(await saved("Download answers as CSV"));
    expect(heads).toEqual(["mask", "learning_rate", "seed", "says", "negative", "positive"]);
    // A mean and two seeds of three masks; probabilities with all their digits.
    expect(rows.map((row) => row[2]).slice(0, 3)).toEqual(["mean", "1", "2"]);
    expect(rows.length).toBe(9);
    for (const row of rows) expect(Number(row[4]) + Number(row[5])).toBeCloseTo(1, 5);

    const { id } = (await runsOf(program, 1))[0]!;
    await page.goto(`/experiments/1/runs/${id}`);
    const shown = page.getByRole("region", { name: "Table of scores" }).locator("tbody tr");
    await expect(shown).toHaveCount(1);
    const markdown = await saved("Download scores as Markdown");
    expect(markdown).toContain(`| 1 | 4 | ${await shown.locator("td").first().innerText()} |`);
    expect(await fault(page, "CSV", Buffer.from(await saved("Download scores as CSV")))).toBeUndefined();

    await page.goto("/new");
    await page.locator("summary").filter({ hasText: "Schedule" }).click();
    await page.getByLabel("Mask as text").fill("outliers:4");
    await page.getByLabel("Mask as text").blur();
    await expect(page.getByRole("region", { name: "Which values it selects" })).toBeVisible();
    // The schedule and the histogram, a picture each.
    expect(await saveAll(page, faults, 6)).toBe(6);
    expect(fields(await saved("Download Schedule as CSV"))[0]!.slice(1)).toEqual(["step", "share_of_peak"]);
    const bins = fields(await saved("Download Block 1, LayerNorm A as CSV")).slice(1);
    expect(bins.reduce((sum, bin) => sum + Number(bin[4]), 0)).toBe(4);
    await expect(page).toHaveURL(/\/new$/);
    expect(faults).toEqual([]);
  },
);

looked(
  "every file of a comparison, and of a page with the matrix of pairs, opens as what it is called",
  async ({ page }) => {
    const faults: string[] = [];
    await page.goto("/compare?of=1,2");
    await expect(page.getByRole("region", { name: /Scores beside each other/ })).toBeVisible();
    await expect(new Lab(page).chart("Training loss").locator("path.line").first()).toBeAttached();
    await unfold(page);
    // Six charts in three forms.
    await saveAll(page, faults, 6 * 3);
    await page.goto("/experiments/1/verdicts");
    await expect(page.getByRole("figure").first()).toBeVisible();
    await unfold(page);
    await expect(page.getByRole("region", { name: /every pair of masks$/ })).toBeVisible();
    await saveAll(page, faults, 3);
    expect(faults).toEqual([]);
  },
);

test("what LoRA trained opens as an adapter, and the files of the other layouts as what they are called", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const lab = new Lab(page);
  const faults: string[] = [];
  await lab.fill({ ...SHORT, name: "Layouts", masks: ["layernorms"], seeds: "1, 2", train: "64", epochs: "1" });
  await page.getByText("Masks with a number").click();
  const written = { Blocks: "1, 2", "Outliers in each LayerNorm": "4", "Drawn in each LayerNorm": "4" };
  for (const [label, text] of Object.entries(written)) await lab.field(label).fill(text);
  await lab.field("Masks of your own").fill("lora:4 in layers(*).query");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await expect(lab.runs("finished")).toHaveCount(12, { timeout: 120_000 });
  for (const layout of ["modules", "layers", "outliers"]) {
    await page.goto(`/experiments/1/table?layout=${layout}`);
    await expect(page.getByRole("button", { name: "Download table as LaTeX" })).toBeVisible();
    // The table in three forms, its plot in three.
    expect(await saveAll(page, faults, 6), layout).toBe(6);
  }
  await page.goto("/experiments/1");
  await lab.runs("finished").filter({ hasText: "lora" }).first().getByRole("link").first().click();
  await page.waitForURL(/\/runs\//);
  const adapter = page.getByRole("link", { name: "What it trained, as a PEFT adapter (tar)" });
  const saved = await lab.save(adapter);
  expect(saved.name).toMatch(/^[0-9a-f]{16}\.adapter\.tar$/);
  const names = members(saved.bytes).map((name) => name.split("/").pop()!);
  expect(names).toEqual(expect.arrayContaining(["adapter_config.json", "adapter_model.safetensors"]));
  await openAll(page, faults, 5);
  expect(faults).toEqual([]);
});
