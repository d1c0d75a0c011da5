import { execFileSync } from "node:child_process";
import { defineConfig } from "@playwright/test";

const chromium = execFileSync("../scripts/chromium.sh", { encoding: "utf8" }).trim();

// A trace films the page, which takes the browser longer than to draw it.
const UNFILMED = { trace: "off" } as const;

export default defineConfig({
  outputDir: "results",
  forbidOnly: Boolean(process.env.CI),
  // Each test has a program of its own that trains: more at once would only slow each other down.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["./src/last-words.ts"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    actionTimeout: 15_000,
    // Without a film, for the same reason: of a test that fails there is a picture, and every step with its page.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  projects: [
    { name: "tests", testDir: "tests" },
    { name: "screenshots", testDir: "screenshot", use: UNFILMED },
    { name: "measure", testDir: "measure", use: UNFILMED },
    { name: "picture", testDir: "picture", use: UNFILMED },
  ],
});
