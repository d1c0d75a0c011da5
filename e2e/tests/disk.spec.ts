import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { faults } from "../src/axe.ts";
import type { Program } from "../src/program.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

const TINY = { ...SHORT, masks: ["layernorms"], seeds: "1", epochs: "1", train: "64", evaluation: "32" };

/** Bytes of what finished runs left. */
async function left(program: Program): Promise<number> {
  const folder = join(program.home, "runs");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".safetensors") && !name.startsWith("."));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("the form keeps weights by rule and says what the disk needs", async ({ page, program }) => {
  const lab = new Lab(page);
  await lab.fill({ ...TINY, masks: ["full"], rates: "1e-3, 1e-4" });
  await expect(lab.plan).toContainText(/\d MiB on the disk/);
  await expect(lab.plan).toContainText(/[KMG]iB free there/);
  const rule = lab.field("Keep the weights");
  await rule.selectOption("of the runs that finished last");
  await lab.field("Runs").fill("0");
  await expect(page.getByText("of at least 1 run, or `none`")).toBeVisible();
  await lab.field("Runs").fill("1");
  await expect(page.getByText("of at least 1 run, or `none`")).toHaveCount(0);
  await rule.selectOption("of none");
  await expect(lab.plan).toContainText(/\d KiB on the disk, at most \d+ MiB meanwhile/);
  await lab.start.click();
  await page.waitForURL(/\/experiments\/\d+/);
  await expect(lab.runs("finished")).toHaveCount(2);
  await expect(page.getByText("0 of 2 finished runs with weights")).toBeVisible();
  await expect(page.getByText("keeps the weights of none")).toBeVisible();
  expect(await left(program)).toBeLessThan(50_000);

  // The run's page says why there is no model to take away.
  await page.getByRole("link", { name: "full", exact: true }).first().click();
  await expect(page.getByText(/^Its weights were not kept, by the rule "none" of its experiment\./)).toBeVisible();
  await expect(page.getByRole("link", { name: "Model as a Hugging Face folder (tar)" })).toHaveCount(0);
  const answer = await page.request.get(`/api/v1/runs/${page.url().split("/runs/")[1]}/delta`);
  expect(answer.ok()).toBe(false);
  expect(await answer.text()).toContain("did not keep its weights");
});

test("a look at the disk that is refused is told once, and the next one keeps the focus", async ({ page }) => {
  let refused = 0;
  let broken = true;
  await page.routeWebSocket("**/ws", (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => socket.send(text));
    socket.onMessage((text) => {
      const message = JSON.parse(text.toString()) as { type: string; request: number };
      if (message.type !== "storage" || !broken) return server.send(text);
      refused += 1;
      return socket.send(JSON.stringify({ refused: { request: message.request, reason: "the disk is gone" } }));
    });
  });
  const lab = new Lab(page);
  await lab.finish({ ...TINY, masks: ["full"] }, 1);
  // The question for the rule is shut, and says nothing yet.
  const told = page.getByText("the disk is gone").filter({ visible: true });
  await expect(told).toHaveText(["Disk use is not known: the disk is gone"]);
  const again = page.getByRole("button", { name: /^Look/ });
  await again.focus();
  const before = refused;
  await page.keyboard.press("Enter");
  await expect.poll(() => refused).toBe(before + 1);
  await expect(again).toHaveText("Look again");
  await expect(again).toBeFocused();
  broken = false;
  await page.keyboard.press("Enter");
  await expect(again).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Weights to keep" })).toBeFocused();
});

test("an experiment's page gives weights back after a question, by keyboard", async ({ page, program }) => {
  const lab = new Lab(page);
  await lab.begin({ ...TINY, masks: ["full"], rates: "1e-3, 1e-4" });
  await expect(lab.runs("finished")).toHaveCount(2);
  const before = await left(program);
  const takes = page.getByText(/^\d+ MiB on the disk$/);
  await expect(takes).toBeVisible();

  const button = page.getByRole("button", { name: "Weights to keep" });
  await button.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^Whose weights of experiment #1/ });
  await expect(dialog.getByRole("status")).toHaveText("No weights are dropped now.");
  await dialog.getByRole("radio", { name: "of none" }).check();
  await expect(dialog.getByRole("status")).toHaveText(/^The weights of 2 runs are dropped, and \d+ MiB on the disk/);
  await dialog.getByRole("radio", { name: "at the learning rates that the results report" }).check();
  await expect(dialog.getByRole("status")).toHaveText(/^The weights of 1 run are dropped, and \d+ MiB on the disk/);
  expect(await faults(page, "dialog[open]")).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  expect(await left(program)).toBe(before);

  await button.click();
  await dialog.getByRole("radio", { name: "at the learning rates that the results report" }).check();
  await dialog.getByRole("button", { name: "Keep these" }).click();
  await expect(page.getByText("1 of 2 finished runs with weights")).toBeVisible();
  await expect.poll(() => left(program)).toBeLessThan(0.6 * before);

  // What the log says survives a kill, and so does what is on the disk.
  await program.kill();
  await program.launch();
  await page.reload();
  await expect(page.getByText("1 of 2 finished runs with weights")).toBeVisible();
  await expect(page.getByText("keeps the weights at the learning rates that the results report")).toBeVisible();
});
