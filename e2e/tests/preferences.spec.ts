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

test("the page is dark, light or as the system, as the reader chose, and stays so", async ({ page, context }) => {
  /** How light the page's ground is, from 0 to 1. */
  const lightness = (of: Page) =>
    of.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
      canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
      return (red! + green! + blue!) / 3 / 255;
    });
  const isLight = (of = page) => expect.poll(() => lightness(of)).toBeGreaterThan(0.9);
  const isDark = (of = page) => expect.poll(() => lightness(of)).toBeLessThan(0.2);
  const theme = page.getByRole("dialog", { name: "Preferences" }).getByRole("combobox", { name: "Theme" });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  await isLight();
  await preferences(page).click();
  await expect(theme).toHaveValue("auto");

  // What is chosen holds against the system, at once, after a reload and in another tab.
  await theme.selectOption("Dark");
  await isDark();
  await page.reload();
  await isDark();
  const other = await context.newPage();
  await other.emulateMedia({ colorScheme: "light" });
  await other.goto(page.url());
  await isDark(other);
  await other.close();
  await preferences(page).click();
  await expect(theme).toHaveValue("dark");
  await theme.selectOption("Light");
  await page.emulateMedia({ colorScheme: "dark" });
  await isLight();
  await page.reload();
  await isLight();

  await preferences(page).click();
  await theme.selectOption("Auto");
  await isDark();
  await page.emulateMedia({ colorScheme: "light" });
  await isLight();
  await page.reload();
  await isLight();
});
