import type { Page } from "@playwright/test";
import { Lab, SHORT } from "./lab.ts";
import { expect } from "./test.ts";

/** Every page in every state that looks different, by name. Each leaves the page ready to be looked at. */
export const SCENES: Record<string, (page: Page) => Promise<void>> = {
  welcome: async (page) => {
    await page.goto("/");
    await expect(new Lab(page).start).toBeEnabled();
  },
  form: async (page) => {
    await page.goto("/new");
    const lab = new Lab(page);
    await expect(lab.start).toBeEnabled();
    await lab.openProtocol();
  },
  "form-errors": async (page) => {
    const lab = new Lab(page);
    await page.goto("/new");
    await lab.field("Learning rates").fill("fast");
    await lab.field("Model").fill("/no/such/model");
    await expect(lab.field("Learning rates")).toHaveAttribute("aria-invalid", "true");
    await expect(lab.field("Model")).toHaveAttribute("aria-invalid", "true");
  },
  running: async (page) => {
    const lab = new Lab(page);
    await lab.begin({ ...SHORT, name: "Modules", masks: ["full", "layernorms", "bitfit", "frozen"], rates: "1e-3, 5e-3" });
    await expect(lab.runs("finished").first()).toBeVisible();
  },
  finished: async (page) => {
    const lab = new Lab(page);
    await page.goto("/experiments/1");
    await expect(lab.runs("finished")).toHaveCount(16, { timeout: 100_000 });
  },
  sorted: async (page) => {
    await page.goto("/experiments/1?group=seeds&sort=-best&axis=epoch&mask=layernorms,full");
    await expect(new Lab(page).runs("finished")).toHaveCount(8);
  },
  failed: async (page) => {
    // A rate at which no training holds: the run says where it diverged.
    const lab = new Lab(page);
    await lab.begin({ ...SHORT, name: "Too fast", masks: ["full"], rates: "1", seeds: "1", epochs: "30", train: "" });
    await expect(lab.runs("failed")).toHaveCount(1, { timeout: 30_000 });
  },
  list: async (page) => {
    await page.goto("/");
    await expect(page.getByRole("link", { name: "Modules" })).toBeVisible();
  },
  missing: async (page) => {
    await page.goto("/experiments/99");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  },
};
