import { faults } from "../src/axe.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { openFinished, test as looked } from "../src/trained.ts";

looked("a sentence of one's own is read by all masks, and who disagrees is said in words", async ({ page }) => {
  const lab = await openFinished(page, 1, 12);
  await lab.tab("Try it").click();
  await page.waitForURL("**/experiments/1/try");

  // An example is a click away, with what is right.
  const examples = page.getByRole("list", { name: "Examples" }).getByRole("button");
  await expect(examples).toHaveCount(8);
  await expect(examples.first()).toContainText(/gold: (negative|positive)/);
  const text = await examples.first().locator("span").first().innerText();
  await examples.first().click();
  const rows = page.getByRole("region", { name: "What each mask says" }).locator("tbody tr");
  await expect(rows).toHaveCount(3);
  await expect(lab.field("Text")).toHaveValue(text.trim());
  await expect(page.getByText(/^Gold: (negative|positive)$/)).toBeVisible();
  await expect(page).toHaveURL(/\/try\?text=/);

  // Enter reads what is written.
  await lab.field("Text").fill("the food was good");
  await lab.field("Text").press("Enter");
  await expect(page).toHaveURL(/text=the%20food%20was%20good/);
  await expect(page.getByText(/^Gold: /)).toHaveCount(0);
  await expect(rows.first().getByRole("rowheader")).toContainText("full");
  await expect(rows.first().getByRole("rowheader")).toContainText(/[15]e-3, seed 1 seed 2/);
  for (const row of await rows.all()) {
    // Probabilities of a row sum to one, and so do those of each seed.
    const figures = (await row.locator(".figure").allInnerTexts()).map(Number);
    expect(figures.reduce((sum, p) => sum + p)).toBeCloseTo(1, 2);
    const seeds = (await row.locator("td .under").allInnerTexts()).map((text) => text.split(" · ").map(Number));
    for (const seed of [0, 1]) expect(seeds[0]![seed]! + seeds[1]![seed]!).toBeCloseTo(1, 2);
    expect((seeds[0]![0]! + seeds[0]![1]!) / 2).toBeCloseTo(figures[0]!, 2);
  }
  // What is said above follows from the rows, and so does the mark of those that differ.
  const says = await rows.locator("td:nth-of-type(1)").allInnerTexts();
  const answers = says.map((text) => text.trim().split(/\s/)[0]!);
  const most = answers.filter((answer) => answer === "positive").length > 1 ? "positive" : "negative";
  const others = answers.filter((answer) => answer !== most).length;
  await expect(page.getByRole("heading", { level: 3 }).filter({ hasText: `say ${most}` })).toHaveText(
    others === 0 ? `All 3 masks say ${most}.` : /^2 of 3 masks say/,
  );
  await expect(rows.getByText(`most masks say ${most}`)).toHaveCount(others);
  await expect(page.getByText(/Read as \d+ tokens; .* computed once for several runs/)).toBeVisible();

  // The address is the question: a reload asks it again. One seed has no mean.
  await lab.field("Seeds").selectOption("2");
  await page.getByRole("button", { name: "Read it" }).click();
  await expect(page).toHaveURL(/seed=2$/);
  await expect(rows).toHaveCount(3);
  await expect(rows.first().getByRole("rowheader")).toContainText(/[15]e-3, seed 2/);
  await expect(rows.first().locator("td .under")).toHaveCount(0);
  const before = await rows.allTextContents();
  await page.reload();
  await expect(rows).toHaveText(before.map((text) => text.replace(/\s+/g, " ").trim()));
  await lab.field("Text").fill(" ");
  await page.getByRole("button", { name: "Read it" }).click();
  await expect(page.getByRole("alert")).toHaveText("write a text");
  expect(await faults(page)).toEqual([]);
});

looked("words are tagged by each mask, by colour and by name", async ({ page }) => {
  const lab = await openFinished(page, 5, 12);
  await lab.tab("Try it").click();
  // A task of pairs has two fields.
  await lab.field("Task").selectOption({ label: "Inference" });
  await lab.field("First text").fill("the cat sleeps");
  await lab.field("Second text").fill("the cat is awake");
  await lab.field("Second text").press("Enter");
  await expect(page.getByRole("region", { name: "What each mask says" }).locator("tbody tr")).toHaveCount(3);
  await expect(page).toHaveURL(/on=inference&text=.*&pair=/);
  // The address says the task, too.
  await page.reload();
  await expect(lab.field("Second text")).toHaveValue("the cat is awake");
  await expect(page.getByRole("region", { name: "What each mask says" }).locator("tbody tr")).toHaveCount(3);

  await lab.field("Task").selectOption({ label: "Tags" });
  await expect(lab.field("Second text")).toHaveCount(0);
  await lab.field("Words, separated by spaces").fill("the old cat sleeps");
  await page.getByRole("button", { name: "Read it" }).click();
  const masks = page.getByRole("list", { name: "What each mask says" }).locator(":scope > li");
  await expect(masks).toHaveCount(3);
  const words = masks.first().locator(".words").first().getByRole("listitem");
  await expect(words).toHaveCount(4);
  await expect(words.first()).toContainText(/^the\s*[A-Z]/);
  const words4 = /^(All masks agree on|Masks differ on \d of) 4 words\.$/;
  await expect(page.getByRole("heading", { level: 3, name: words4 })).toBeVisible();
  // Where a word is marked, it is said what most masks say of it.
  for (const marked of await masks.locator("> .words .otherwise").all()) {
    await expect(marked).toContainText(/most masks say \S/);
  }
  await masks.first().getByText("Each seed").click();
  await expect(masks.first().getByText("Seed 2").first()).toBeVisible();
  const examples = page.getByRole("list", { name: "Examples" }).getByRole("button");
  await examples.first().click();
  await expect(page.getByText(/^Gold: /)).toBeVisible();
  expect(await faults(page)).toEqual([]);
});

test("what is being written stays while the experiment's runs begin", async ({ page }) => {
  const lab = new Lab(page);
  await page.goto("/");
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await lab.begin({ ...SHORT, name: "Meanwhile", masks: ["layernorms", "frozen"], seeds: "1", train: "64" });
  await lab.tab("Try it").click();
  const text = lab.field("Text");
  await text.fill("half a sen");
  await lab.resume.click();
  // Both have begun, on a node that was none before, and ended.
  await page.waitForFunction(async () => {
    const runs = (await (await fetch("/api/v1/experiments/1/runs")).json()) as { runs: { status: string }[] };
    return runs.runs.every((run) => run.status === "finished");
  });
  await expect(text).toHaveValue("half a sen");
});
