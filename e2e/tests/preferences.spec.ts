import type { Page } from "@playwright/test";
import { Lab, LONG, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

interface Shown {
  title: string;
  body?: string;
}

/** Notes every notification that the browser is asked for, while somebody looks elsewhere. */
async function noteNotifications(page: Page): Promise<void> {
  await page.context().grantPermissions(["notifications"]);
  await page.addInitScript(() => {
    const shown: Shown[] = [];
    const Browsers = window.Notification;
    class Noted extends Browsers {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        shown.push({ title, body: options?.body });
      }
    }
    Object.assign(window, { Notification: Noted, shown });
    document.hasFocus = () => false;
  });
}

const shown = (page: Page) => page.evaluate(() => (window as unknown as { shown: Shown[] }).shown);
const icon = (page: Page) => page.locator("link[rel=icon]").getAttribute("href");
const preferences = (page: Page) => page.getByRole("button", { name: "Preferences" });

test("a notification says what ended, once, and only where it is wanted", async ({ page }) => {
  await noteNotifications(page);
  const lab = new Lab(page);
  await lab.begin({ ...SHORT, name: "Unwanted" });
  await expect(lab.runs("finished")).toHaveCount(4, { timeout: 60_000 });
  expect(await shown(page)).toEqual([]);

  await preferences(page).press("Enter");
  await page.getByRole("checkbox", { name: "Notify me when an experiment ends" }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "Preferences" })).toBeHidden();

  // It is remembered, and what had ended before is not told again.
  await lab.begin({ ...SHORT, name: "Wanted", seeds: "3" });
  await expect(lab.runs("finished")).toHaveCount(2, { timeout: 60_000 });
  await expect.poll(() => shown(page)).toEqual([{ title: "Done: Wanted", body: "2 of 2 finished" }]);
});

test("the tab's icon says how far its experiment is", async ({ page }) => {
  const lab = new Lab(page);
  await page.goto("/");
  const own = await icon(page);
  await lab.begin({ ...LONG, name: "Icon" });
  await expect.poll(() => icon(page)).toMatch(/^data:image\/svg\+xml,/);
  const training = await icon(page);
  await lab.cancelAll();
  await expect(lab.runs("cancelled")).toHaveCount(1);
  await expect.poll(() => icon(page)).not.toBe(training);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Experiments" }).click();
  await expect.poll(() => icon(page)).toBe(own);
});

test("? shows the keys, but not where a text is written", async ({ page }) => {
  await page.goto("/new");
  const keys = page.getByRole("dialog", { name: "Keyboard and mouse" });
  await page.getByLabel("Name", { exact: true }).press("?");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(/\?/);
  await expect(keys).toBeHidden();
  await page.getByRole("link", { name: "Tunemask" }).press("?");
  await expect(keys).toBeVisible();
  await expect(keys.getByRole("heading", { name: "Charts", exact: true })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await preferences(page).click();
  await page.getByRole("button", { name: "Keyboard and mouse" }).click();
  await expect(keys).toBeVisible();
  await expect(page.getByRole("dialog", { name: "Preferences" })).toBeHidden();
});
