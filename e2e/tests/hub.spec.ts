import { faults } from "../src/axe.ts";
import { Hub } from "../src/hub.ts";
import { Lab, SHORT } from "../src/lab.ts";
import { Program } from "../src/program.ts";
import { expect, test } from "../src/test.ts";

test("a model of the hub is downloaded from the form, by keyboard and on a narrow page, and trains", async ({
  page,
}) => {
  const hub = await Hub.start();
  const program = await Program.start([], { HF_ENDPOINT: hub.url });
  try {
    await page.setViewportSize({ width: 320, height: 800 });
    const lab = new Lab(page);
    await page.goto(`${program.url}/new`);
    const model = lab.field("Model");
    const button = page.getByRole("button", { name: "Download this model" });
    await expect(button).toBeHidden();
    await model.fill("hf:acme/bert");
    await expect(model).toHaveAccessibleDescription(/hf:acme\/bert is not on this machine/);
    // What is typed is not asked for.
    expect(hub.asked).toEqual([]);

    // A wrong byte on the way, twice: it says so, and can be tried again.
    hub.wrong = true;
    await model.focus();
    await page.keyboard.press("Tab");
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByText(/came with wrong bytes twice/)).toBeVisible();
    hub.wrong = false;
    hub.chunk = 100_000;
    await page.getByRole("button", { name: "Try again" }).click();
    const bar = page.getByRole("progressbar", { name: "Download this model" });
    await expect(bar).toBeVisible();
    await expect(page.getByText(/^Downloading: \d+ MiB of \d+ MiB$/)).toBeVisible();
    expect(await faults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);

    // It goes on without the page, and the page finds it again.
    await page.reload();
    await lab.field("Model").fill("hf:acme/bert");
    await expect(bar).toBeVisible();
    hub.chunk = 1 << 30;
    await expect(page.getByText(/bert .*blocks of width/i)).toBeVisible({ timeout: 60_000 });
    await expect(bar).toBeHidden();
    // It is offered from now on.
    await expect(page.locator("#models option[value='hf:acme/bert']")).toBeAttached();

    const asked = hub.asked.length;
    await page.setViewportSize({ width: 1280, height: 900 });
    await lab.openProtocol();
    for (const task of ["Acceptability", "Questions", "Sentiment"]) {
      await lab.box(task).setChecked(SHORT.tasks!.includes(task));
    }
    for (const mask of ["full", "layernorms", "bitfit", "frozen"]) await lab.mask(mask).setChecked(mask === "frozen");
    await lab.field("Learning rates").fill("1e-3");
    await lab.field("Seeds").fill("1");
    await lab.field("Epochs").fill("1");
    await lab.field("Training examples").fill("64");
    await lab.start.click();
    await page.waitForURL(/\/experiments\/1$/);
    await expect(lab.runs("finished")).toHaveCount(1, { timeout: 60_000 });
    expect(hub.asked.length).toBe(asked);
  } finally {
    await program.remove();
    hub.stop();
  }
});
