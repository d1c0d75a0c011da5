import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../src/lab.ts";
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

  // It goes to the first mistake instead.
  await lab.start.click();
  await expect(rates).toBeFocused();
  await expect(page).toHaveURL(/\/new$/);

  await rates.fill("1e-3");
  await lab.field("Batch size").fill("16");
  await expect(rates).not.toHaveAttribute("aria-invalid", "true");
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
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
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await rm(folder, { recursive: true });
});
