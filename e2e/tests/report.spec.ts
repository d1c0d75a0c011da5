import type { Page } from "@playwright/test";
import { faults } from "../src/axe.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { openFinished, test as looked } from "../src/trained.ts";

/** An experiment of eight short runs that is over. */
const finished = (page: Page) => openFinished(page, 3, 8);

/** What a button saves. */
async function saved(page: Page, what: string, form: string): Promise<string> {
  const name = new RegExp(`^Download ${what}.* as ${form}$`);
  return (await new Lab(page).save(page.getByRole("button", { name }))).text;
}

looked("the paper's table with the figures of others beside, saved as LaTeX", async ({ page }) => {
  const lab = await finished(page);
  await lab.tab("Table").click();
  await page.waitForURL("**/experiments/3/table");
  const row = (mask: string) => page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: mask }) });
  await expect(row("frozen")).toHaveText(/\d+\.\d ± \d+\.\d\D.*lr [15]e-3/);

  const choose = (name: string, text: string) =>
    lab
      .field("Other people's figures, shown in brackets")
      .setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await choose("broken.csv", "mask,task\nfrozen,sentiment\n");
  await expect(page.getByRole("alert")).toContainText("line 1, percent");
  await choose("paper.csv", "mask,task,percent,std\nfrozen,sentiment,61.5,0.5\n");
  await expect(row("frozen")).toContainText("[61.5 ± 0.5]");
  await expect(page.getByText("In brackets: paper.csv.")).toBeVisible();

  const latex = await saved(page, "table", "LaTeX");
  expect(latex).toContain("\\toprule");
  expect(latex).toContain("{[}61.5 $\\pm$ 0.5{]}");
  // Eight runs, of which two a mask are reported, each by its hash.
  expect(latex.match(/\b[0-9a-f]{16}\b/g)?.length).toBe(4);

  // The layout is part of the address, and the figures stay.
  await page.getByRole("link", { name: "One block's LayerNorms" }).click();
  await page.waitForURL("**/table?layout=layers");
  await expect(page.getByRole("columnheader", { name: "Block" })).toBeVisible();
  await expect(row("frozen")).toContainText("[61.5 ± 0.5]");
  await page.getByRole("button", { name: "Remove" }).click();
  await expect(row("frozen")).not.toContainText("[");
  await page.getByRole("link", { name: "Outliers" }).click();
  await expect(page.getByText("no mask of this layout")).toBeVisible();
});

looked("every learning rate and seed stands behind a cell, and a verdict behind each claim", async ({ page }) => {
  const lab = await finished(page);
  await lab.tab("Learning rates").click();
  await page.getByText("Every learning rate and seed as a table").click();
  const rows = page.getByRole("region", { name: "Sentiment: learning rates and seeds" }).locator("tbody tr");
  await expect(rows).toHaveCount(4);
  await expect(rows.filter({ hasText: "picked" })).toHaveCount(2);
  const values = (await rows.locator("td").allInnerTexts()).filter((text) => /^\d+\.\d$/.test(text.trim()));
  expect(values.length, "a value each run").toBe(8);
  const lines = (await saved(page, "learning rates", "CSV")).trim().split("\n");
  expect(lines.length).toBe(1 + 8);
  expect(lines.filter((line) => line.endsWith(",true")).length).toBe(4);

  await lab.tab("Verdicts").click();
  await page.waitForURL("**/verdicts");
  await page.getByText("All verdicts as a table").click();
  const claims = page.getByRole("region", { name: "Verdicts on the paper's claims" }).locator("tbody tr");
  await expect(claims).toHaveCount(10);
  await expect(claims.first()).toContainText(/undecided.*has no .*mha/);
  await page.getByRole("link", { name: "5", exact: true }).click();
  await page.waitForURL("**/verdicts?margin=5");
  await expect(page.getByText("within the margin, 5 points")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("link", { name: "5", exact: true })).toHaveAttribute("aria-current", "true");

  await lab.tab("Runs").click();
  await page.waitForURL(/experiments\/3$/);
  await expect(lab.runs("finished")).toHaveCount(8);
});

test("a heat map of masks and learning rates fills as runs end, and each figure leads to its runs", async ({
  page,
}) => {
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Heat", rates: "1e-4, 1e-3, 1e-2", epochs: "4" });
  await lab.tab("Learning rates").click();
  const map = lab.chart("Sentiment accuracy");
  const cells = map.getByRole("link");
  await expect(cells).toHaveCount(6);
  // What the reader has opened and where the focus is stay while figures come.
  await page.getByText("Every learning rate and seed as a table").click();
  const cell = (mask: string, rate: string) => map.getByRole("link", { name: new RegExp(`^${mask} at ${rate}: `) });
  await cell("layernorms", "1e-4").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await expect(cell("frozen", "1e-3")).toBeFocused();
  const values = map.locator("svg.diagram .figure");
  await expect(values).toHaveCount(6, { timeout: 60_000 });
  await expect(cell("frozen", "1e-3")).toBeFocused();
  const rows = page.getByRole("region", { name: "Sentiment: learning rates and seeds" }).locator("tbody tr");
  await expect(rows).toHaveCount(6);
  await expect(rows.first()).toBeVisible();

  // The figures are those of the table, and the picked ones are outlined: one a mask, and one in the key.
  const means = await rows.evaluateAll((all) => all.map((row) => row.children[4]!.textContent!.trim()));
  const shown = await map.locator("svg.diagram").evaluate((svg) => {
    const texts = [...svg.querySelectorAll(".figure")];
    return texts.map((text) => `${text.textContent} ${text.nextElementSibling!.textContent}`);
  });
  expect(shown).toEqual(means);
  await expect(map.locator("svg.diagram .picked")).toHaveCount(3);
  await expect(map.getByRole("link", { name: /; picked/ })).toHaveCount(2);

  // What a figure says stands beside it until Escape; the map is one stop of the Tab key.
  await expect(map.locator(".said")).toContainText(/frozen at 1e-3: .* seed 1 .*, seed 2 /);
  await page.keyboard.press("Escape");
  await expect(map.locator(".said")).toHaveCount(0);
  await page.keyboard.press("Tab");
  await expect(map.getByRole("button", { name: "Download Sentiment accuracy as CSV" })).toBeFocused();
  const lines = (await saved(page, "Sentiment accuracy", "CSV")).trim().split("\n");
  expect([lines.length, lines[0]]).toEqual([7, "mask,learning_rate,mean,std,n,seeds,picked"]);
  const svg = await saved(page, "Sentiment accuracy", "SVG");
  expect(svg.match(/class="heat-\d"[^>]*height="38/g)?.length).toBe(6);
  await cell("frozen", "1e-3").click();
  await page.waitForURL(/\/experiments\/1\?runs=[0-9a-f]{16},[0-9a-f]{16}$/);
  await expect(lab.runs("finished").filter({ hasText: "frozen" })).toHaveCount(2);
});

test("a small grid of learning rates and seeds for each mask fills as runs end, and each cell opens its run", async ({
  page,
}) => {
  test.setTimeout(300_000);
  const lab = new Lab(page);
  const grid = { ...SHORT, name: "Seeds", tasks: ["Sentiment", "Questions"], rates: "1e-4, 1e-3", seeds: "1, 2" };
  await lab.begin({ ...grid, epochs: "6" });
  await lab.tab("Learning rates").click();
  const map = lab.chart("Each seed: Sentiment accuracy");
  const cells = map.getByRole("link");
  await expect(cells).toHaveCount(8);
  await expect(map.locator("svg.diagram .name")).toHaveText(["layernorms", "frozen"]);
  // What has no figure yet says why, and has an edge where the others have a colour.
  const figures = map.locator("svg.diagram .figure");
  const words = () => map.locator("svg.diagram .word").allTextContents();
  await expect.poll(words).toContainEqual(expect.stringMatching(/^(queued|running)$/));
  const filled = async () => [await figures.count(), await map.locator("svg.diagram .no-figure").count()];
  const seen = new Set<number>();
  await expect
    .poll(
      async () => {
        const [now, empty] = await filled();
        if (now! + empty! === 8) seen.add(now!);
        return now;
      },
      { timeout: 120_000, intervals: [50] },
    )
    .toBe(8);
  expect([...seen].filter((count) => count < 8).length, `it was filled in ${[...seen]}`).toBeGreaterThan(0);
  await expect(map.locator("svg.diagram .no-figure")).toHaveCount(0);

  // Each figure is that of its run, two of them are picked for each mask.
  await expect(map.getByRole("link", { name: /; picked\. Show 1 run$/ })).toHaveCount(4);
  const lines = (await saved(page, "Each seed: Sentiment accuracy", "CSV")).trim().split("\n");
  expect(lines[0]).toBe("task,metric,mask,learning_rate,seed,run,status,value,reason,reported");
  const values = lines.slice(1).map((line) => (100 * Number(line.split(",")[7])).toFixed(1));
  expect((await figures.allTextContents()).sort()).toEqual(values.sort());

  // The other task is one choice away, which stays when the report comes anew.
  await page.getByRole("combobox", { name: "Seed by seed" }).selectOption("Each seed: Questions F1");
  const other = lab.chart("Each seed: Questions F1");
  await expect(other.getByRole("link")).toHaveCount(8);
  await expect(map).toHaveCount(0);
  expect(await faults(page, ".report")).toEqual([]);
  const cell = other.getByRole("link", { name: /^frozen at 1e-3, seed 2: / });
  await cell.focus();
  await page.keyboard.press("ArrowUp");
  await expect(other.getByRole("link", { name: /^frozen at 1e-3, seed 1: / })).toBeFocused();
  await expect(other.locator("svg.diagram .figure")).toHaveCount(8, { timeout: 120_000 });
  await cell.click();
  await page.waitForURL(/\/experiments\/1\?runs=[0-9a-f]{16}$/);
  await expect(lab.runs("finished")).toHaveCount(1);
});

test("each claim has its intervals on one axis, and the table of a layout its plot", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({
    ...SHORT,
    name: "Claims",
    masks: ["full", "layernorms", "layernorm_a", "frozen"],
    masksOf: { Blocks: "1, 2, 3" },
    train: "64",
    epochs: "1",
    seeds: "1, 2, 3",
  });
  await expect(lab.runs("finished")).toHaveCount(21, { timeout: 120_000 });
  await lab.tab("Verdicts").click();
  const claim = (name: RegExp) => page.getByRole("figure").filter({ has: page.getByRole("heading", { name }) });
  const block = claim(/LayerNorms of one block come close/);
  await expect(block.locator(".finding")).toHaveText(/^(supported|not supported|undecided)$/);
  const rows = block.getByRole("link");
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toHaveAccessibleName(/^single_norm:1 − layernorms: .* points \[.*\. Show 6 runs$/);
  // One axis for all claims: the zero line stands at the same place, and so does the margin.
  const zeros = await page
    .locator("svg.diagram .zero")
    .evaluateAll((all) => all.map((e) => e.getAttribute("d")!.split(" ")[0]));
  expect(zeros.length).toBeGreaterThan(2);
  expect(new Set(zeros).size).toBe(1);
  // The numbers are those of the table below.
  await block.getByText("Show numbers").click();
  const table = block.getByRole("table");
  const differences = await table.locator("tbody tr td:nth-child(2)").allInnerTexts();
  const drawn = await block.locator("svg.diagram .number").allTextContents();
  expect(drawn.map((text) => text.replace("−", "-").split(" ")[0])).toEqual(
    differences.map((text) => text.trim().split(/\s/)[0]!.replace("−", "-")),
  );
  // What nothing was compared for leads to the form.
  await expect(page.getByRole("listitem").filter({ hasText: "As many parameters drawn at random" })).toContainText(
    "has no random",
  );
  const csv = (await saved(page, "Claims: verdicts", "CSV")).trim().split("\n");
  expect(csv[0]).toBe("claim,verdict,compared,shows,difference,low,high,bound,p,p_contrary");
  expect(await saved(page, "Claims: verdicts", "SVG")).toContain("come close to those of all blocks");
  expect(await faults(page)).toEqual([]);
  await rows.first().click();
  await page.waitForURL(/\/experiments\/1\?runs=/);
  await expect(lab.runs("finished")).toHaveCount(6);

  await lab.tab("Table").click();
  const plot = page.getByRole("figure").filter({ has: page.getByRole("heading", { name: "Sentiment accuracy" }) });
  // By the layout that fits: three blocks of seven masks are not most of those compared.
  await page.getByRole("link", { name: "One block's LayerNorms" }).click();
  await page.waitForURL("**/table?layout=layers");
  await expect(plot.locator("svg.diagram .point:not(.c-plain)")).toHaveCount(3);
  await expect(plot.locator("svg.diagram .compared")).toHaveCount(3);
  const cell = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "2", exact: true }) });
  const mean = (await cell.getByRole("link").innerText()).trim();
  await expect(plot.getByRole("link", { name: `single_norm:2: ${mean}` })).toBeVisible();
  await page.getByRole("link", { name: "Modules" }).click();
  await page.waitForURL("**/table?layout=modules");
  await expect(plot.locator("svg.diagram .point")).toHaveCount(6);
  await expect(plot.getByRole("link", { name: /^frozen: / })).toBeVisible();
  await plot.getByRole("link", { name: /^layernorms: .* trains 0\.\d+ %/ }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/experiments\/1\?runs=/);
  await expect(lab.runs("finished")).toHaveCount(3);
});

looked("weights: the pretrained ones, then what a run changed of them", async ({ page }) => {
  const lab = await finished(page);
  await lab.tab("Weights").click();
  // The figures as files have their pictures folded away.
  await page.getByText("Figures of all modules").click();
  const figures = page.locator("figure.picture");
  const panels = figures.first().getByRole("img");
  await expect(figures).toHaveCount(1);
  await expect(panels).toHaveCount(8);
  await expect(panels.first()).toHaveAccessibleName(/scalars, most of them from/);
  // The policy lets the pictures in, and they have a size.
  const size = (image: HTMLImageElement) => ({
    own: image.complete && image.naturalWidth,
    ...image.getBoundingClientRect().toJSON(),
  });
  await expect.poll(async () => (await panels.first().evaluate(size)).own).toBeGreaterThan(100);
  // Two beside each other on a phone, with letters of 11 px as drawn or larger.
  for (const [width, beside] of [
    [1280, 4],
    [390, 2],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    const [first, ...others] = await Promise.all((await panels.all()).map((panel) => panel.evaluate(size)));
    expect(others.filter((panel) => panel.top === first!.top).length, `at ${width} px`).toBe(beside - 1);
    expect(first!.width / first!.own, `at ${width} px`).toBeGreaterThanOrEqual(1);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("link", { name: /^layernorms, Sentiment/ }).click();
  await page.waitForURL(/\/weights\?run=[0-9a-f]{16}$/);
  await page.getByText("Figures of all modules").click();
  await expect(figures).toHaveCount(2);
  const moments = page.getByRole("region", { name: "Moments of the weights by module" });
  await expect(moments.getByRole("row").filter({ hasText: "difference" })).toHaveCount(8);
  const outliers = (await saved(page, "outliers", "CSV")).trim().split("\n");
  expect(outliers[0]).toBe("tensor,index,value,sigma,tuned");
  expect(await saved(page, "What fine-tuning changed of builtin:tiny", "SVG")).toContain("<svg");
});

test("results and table set the same figures bold, and say by which rule", async ({ page }) => {
  const lab = new Lab(page);
  await lab.begin({
    ...SHORT,
    name: "Bold",
    masks: ["full", "layernorms", "frozen"],
    seeds: "1, 2",
    train: "64",
    epochs: "1",
  });
  await expect(lab.runs("finished")).toHaveCount(6, { timeout: 60_000 });
  const rule = page.getByText(
    "the best mean of each column over all seeds; full, which the others are held against, is left out",
  );
  const bold = () => page.locator("table b").allInnerTexts();
  await page.getByText(/^How to read it/).click();
  await expect(rule).toBeVisible();
  // The report follows the last run.
  await expect(lab.results.locator("b")).not.toHaveCount(0);
  const results = await lab.results.locator("b").allInnerTexts();
  await expect(
    lab.results
      .getByRole("row")
      .filter({ has: page.getByRole("rowheader", { name: "full" }) })
      .locator("b"),
  ).toHaveCount(0);
  await lab.tab("Table").click();
  await page.waitForURL("**/experiments/1/table");
  await expect(rule).toBeVisible();
  expect(await bold()).toEqual(results);
});

test("a cell without a number says why", async ({ page }) => {
  const lab = new Lab(page);
  // On a single development example no correlation is defined.
  await lab.fill({
    ...SHORT,
    name: "Undefined",
    tasks: [],
    masks: ["frozen"],
    epochs: "1",
    train: "64",
    evaluation: "1",
  });
  await lab.box("Similarity").setChecked(true);
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  const row = lab.results.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "frozen" }) });
  await expect(row).toContainText("2 undefined");
  await page.getByText(/^How to read it/).click();
  await expect(page.getByText("of 2 runs 2 have no Spearman correlation and no Pearson correlation")).toBeVisible();
});

looked("a figure leads to the runs behind it, and back to all", async ({ page }) => {
  const lab = await finished(page);
  const row = lab.results.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "frozen" }) });
  await row.getByRole("link").click();
  await page.waitForURL(/\/experiments\/3\?runs=[0-9a-f]{16},[0-9a-f]{16}$/);
  await expect(lab.runs("finished")).toHaveCount(2);
  await expect(lab.runs("finished").filter({ hasText: "frozen" })).toHaveCount(2);
  // The address holds the choice; the table of results is of all runs.
  await page.reload();
  await expect(lab.runs("finished")).toHaveCount(2);
  await expect(lab.results.getByRole("rowheader")).toHaveCount(2);
  const chosen = page.getByRole("group", { name: "Show chosen runs" }).getByRole("button", { name: "2 runs" });
  await expect(chosen).toHaveAttribute("aria-pressed", "true");
  await chosen.click();
  await expect(lab.runs("finished")).toHaveCount(8);

  // From another page of the experiment, to a single run.
  await lab.tab("Learning rates").click();
  await page.getByText("Every learning rate and seed as a table").click();
  const rates = page.getByRole("region", { name: "Sentiment: learning rates and seeds" }).locator("tbody tr");
  await rates.first().locator("td").nth(1).getByRole("link").click();
  await page.waitForURL(/\/experiments\/3\?runs=[0-9a-f]{16}$/);
  await expect(lab.runs("finished")).toHaveCount(1);
  await page.goBack();
  await page.getByText("Every learning rate and seed as a table").click();
  await expect(rates).toHaveCount(4);
});

test("what users write is text wherever a report shows it", async ({ page }) => {
  const lab = new Lab(page);
  const name = `<img src="x" onerror="document.title = 'run'"> & \`co`;
  await lab.begin({ ...SHORT, name, seeds: "1", train: "64", epochs: "1" });
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  await lab.tab("Table").click();
  await expect(page.getByRole("region", { name: "Modules by task" })).toBeVisible();
  const file = {
    name: "<b>paper.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("mask,task,percent\nfrozen,sentiment,61.5\n"),
  };
  await lab.field("Other people's figures, shown in brackets").setInputFiles(file);
  await expect(page.getByText("In brackets: <b>paper.csv.")).toBeVisible();
  expect(await saved(page, "table", "Markdown")).toContain(`&lt;${name.slice(1, 20)}`);
  await expect(page.locator(".report img, .report b:has-text('paper')")).toHaveCount(0);
  expect(await page.title()).not.toBe("run");
});
