import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("bad input is told at its field and starts nothing", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({});
  const rates = lab.field("Learning rates");
  await rates.fill("1e-3, fast");
  await lab.field("Batch size").fill("0");
  await expect(rates).toHaveAttribute("aria-invalid", "true");
  await expect(rates).toHaveAccessibleDescription(/fast/);
  await expect(lab.field("Batch size")).toHaveAttribute("aria-invalid", "true");
  await expect(lab.field("Seeds")).not.toHaveAttribute("aria-invalid", "true");

  // It goes to the first mistake instead: the protocol stands above the learning rates.
  await lab.start.click();
  await expect(lab.field("Batch size")).toBeFocused();
  await expect(page).toHaveURL(/\/new$/);

  await rates.fill("1e-3");
  await lab.field("Batch size").fill("16");
  await expect(rates).not.toHaveAttribute("aria-invalid", "true");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
});

test("what needs a change is listed beside Start, and each entry leads to its field, however far it is folded away", async ({
  page,
}) => {
  const lab = new Lab(page);
  await page.goto("/new");
  await expect(lab.start).toBeEnabled();
  const summary = page.getByRole("complementary", { name: "Summary" });
  const list = summary.getByRole("list", { name: "Fields that need a change" });
  await expect(list).toHaveCount(0);
  await lab.openProtocol();
  await page.getByText("Masks with a number").click();
  const wrong = { "Outliers in each LayerNorm": "many", "Learning rates": "fast", "Batch size": "0", "Warm-up": "2" };
  for (const [label, text] of Object.entries(wrong)) await lab.field(label).fill(text);
  for (const task of ["Acceptability", "Questions"]) await lab.box(task).uncheck();
  // Folded away, they are wrong all the same.
  await page.getByText("Masks with a number").click();
  await page.getByText("Protocol", { exact: true }).click();
  for (const label of ["Batch size", "Warm-up", "Outliers in each LayerNorm"])
    await expect(lab.field(label)).toBeHidden();
  await expect(summary.getByText("5 fields need a change:")).toBeVisible();
  const entries = list.getByRole("button");
  expect((await entries.allTextContents()).sort()).toEqual([...Object.keys(wrong), "Tasks"].sort());

  for (const [i, label] of Object.keys(wrong).entries()) {
    const entry = list.getByRole("button", { name: label, exact: true });
    // By mouse and by keys.
    await (i % 2 ? entry.press("Enter") : entry.click());
    await expect(lab.field(label)).toBeFocused();
    await expect(lab.field(label)).toBeInViewport();
    await expect(lab.field(label)).toHaveAttribute("aria-invalid", "true");
  }
  await list.getByRole("button", { name: "Tasks" }).click();
  await expect(page.getByRole("group", { name: "Tasks" }).getByRole("checkbox").first()).toBeFocused();

  // What is mended is no longer listed.
  await lab.box("Sentiment").check();
  await lab.field("Batch size").fill("16");
  await lab.field("Warm-up").fill("0.1");
  await expect(entries).toHaveCount(2);
  await expect(summary.getByText("2 fields need a change:")).toBeVisible();
  await lab.field("Outliers in each LayerNorm").fill("");
  await expect(summary.getByText("1 field needs a change:")).toBeVisible();
  await expect(entries).toHaveText(["Learning rates"]);
  await lab.field("Learning rates").fill("1e-3");
  await expect(list).toHaveCount(0);
});

test("a model that is not there is told with its folder", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({});
  await lab.field("Model").fill("/no/such/model");
  await expect(lab.field("Model")).toHaveAccessibleDescription(/no\/such\/model/);
});

test("every mask says how much it trains, and the runs are counted", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({ tasks: ["Sentiment"], masks: ["full", "frozen"], rates: "1e-3, 5e-3", seeds: "1-3" });
  const summary = page.getByRole("complementary", { name: "Summary" });
  await expect(summary).toContainText("12 runs");
  await lab.field("Seeds").fill("1");
  await expect(summary).toContainText("4 runs");
  const row = (mask: string) => page.getByRole("row").filter({ has: page.locator(`[value="${mask}"]`) });
  await expect(row("full")).toContainText("100");
  await expect(row("frozen").getByRole("cell").nth(1)).toHaveText("0");
});

test("the plan says what it takes before it starts, and follows the form", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({ ...SHORT, masks: ["layernorms", "frozen"], seeds: "1, 2" });
  await expect(lab.plan).toContainText(/about .+ on this machine/);
  await expect(lab.plan).toContainText(/1 gang, \d+ % computed once/);
  await expect(lab.plan).toContainText(/[MG]iB besides the model/);
  // One that trains whole matrices goes alone.
  await lab.mask("full").check();
  await expect(lab.plan).toContainText("3 gangs");
  await lab.field("Batch size").fill("0");
  await expect(lab.plan).toBeEmpty();
  await lab.field("Batch size").fill("16");
  await expect(lab.plan).toContainText("3 gangs");

  await lab.mask("full").uncheck();
  await lab.start.click();
  await expect(lab.runs("finished")).toHaveCount(4, { timeout: 60_000 });
  await page.getByRole("link", { name: "Use as template" }).click();
  await expect(lab.plan).toContainText("All of its runs are already done");
  await lab.field("Seeds").fill("1, 2, 3");
  await expect(lab.plan).toContainText("4 runs already done");
});

test("one of the paper's studies fills in the form and starts", async ({ page }) => {
  const lab = new Lab(page);
  await page.goto("/new");
  await page.getByText("The paper's studies").click();
  await page.getByRole("link", { name: "Table 3: one block's LayerNorms, quick" }).click();
  await page.waitForURL("**/new?study=table3-quick");
  await expect(lab.field("Name")).toHaveValue("Table 3: one block's LayerNorms, quick");
  await expect(lab.field("Blocks")).toHaveValue(/^1, 2/);
  await expect(lab.plan).toContainText(/about .+ on this machine/);
  // In full size model and data are the user's.
  await page.getByRole("link", { name: "Table 3: one block's LayerNorms, full size" }).click();
  await page.waitForURL("**/new?study=table3");
  await expect(lab.field("Model")).toHaveAttribute("aria-invalid", "true");
  await expect(lab.field("Blocks")).toHaveValue("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12");
  await expect(page.getByRole("complementary", { name: "Summary" })).toContainText("1,260 runs");
  await page.goBack();
  await expect(lab.field("Model")).toHaveValue("builtin:tiny");

  // A smaller one of it.
  await lab.openProtocol();
  for (const task of ["Acceptability", "Paraphrase", "Entailment"]) await lab.box(task).uncheck();
  await lab.mask("full").uncheck();
  for (const [field, text] of Object.entries({ "Learning rates": "1e-3", Seeds: "1", Epochs: "1" })) {
    await lab.field(field).fill(text);
  }
  await lab.field("Training examples").fill("64");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await expect(lab.runs("finished").first()).toBeVisible({ timeout: 60_000 });
  await lab.tab("Table").click();
  // The study's own layout.
  await expect(page.getByRole("link", { name: "One block's LayerNorms" })).toHaveAttribute("aria-current", "true");
});

test("a mask of one's own is counted, trained and shown by its canonical form", async ({ page }) => {
  const lab = new Lab(page);
  await lab.fill({ ...SHORT, masks: [], seeds: "1", train: "64", epochs: "1" });
  await page.getByText("Masks with a number, and your own").click();
  const own = lab.field("Masks of your own");
  await own.fill("layers(*).ln_f + layers(*).ln_a - layers(1).ln; layers(");
  await expect(own).toHaveAttribute("aria-invalid", "true");
  await own.fill("layernorms - layernorm_a; largest:64 in layers(2).ffn.weight");
  await expect(own).not.toHaveAttribute("aria-invalid", "true");
  // Two ways to write a mask are one mask, with the paper's name where it has one.
  await expect(page.locator(".masks .own code")).toHaveText(["layernorm_f", /^largest:64 in /]);
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  for (const run of await lab.runs("finished").all()) await expect(run).toContainText("frozen weights unchanged");
  await expect(lab.results.getByRole("rowheader")).toHaveText(["layernorm_f", /^largest:64 in /]);
  await expect(lab.runs("finished").nth(1)).toContainText("64");
});

test("what only the server can refuse is told at its field, and the form stays as it was", async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), "tunemask-glue-"));
  await mkdir(join(folder, "RTE"));
  const row = "index\tsentence1\tsentence2\tlabel\n0\tIt rains.\tIt is wet.\tentailment\n";
  for (const file of ["train.tsv", "dev.tsv"]) await writeFile(join(folder, "RTE", file), row);
  const lab = new Lab(page);
  await lab.fill({ name: "Refused", tasks: [] });
  await lab.field("Data folder").fill(folder);
  await lab.box("RTE").check();
  await expect(page.getByText("holds RTE")).toBeVisible();
  const data = lab.field("Data folder");
  await expect(data).not.toHaveAttribute("aria-invalid", "true");

  // It is gone between the page's look and the server's.
  await rm(join(folder, "RTE"), { recursive: true });
  await lab.start.click();
  await expect(data).toHaveAccessibleDescription(/train\.tsv/);
  await expect(data).toBeFocused();
  await expect(page.getByText("holds RTE")).toHaveCount(0);
  await expect(page.getByRole("complementary", { name: "Summary" })).toContainText("1 field needs a change");
  await expect(lab.start).toBeEnabled();
  await expect(page).toHaveURL(/\/new$/);
  await expect(lab.field("Name")).toHaveValue("Refused");

  // What was refused may be tried again, by itself or with something else.
  await lab.start.click();
  await expect(data).toHaveAccessibleDescription(/train\.tsv/);
  await lab.box("RTE").uncheck();
  await lab.box("Sentiment").check();
  await data.fill("");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await rm(folder, { recursive: true });
});
