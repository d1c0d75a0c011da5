import { Lab, SHORT } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";

test("what is empty, still to come or not there is said in words", async ({ page }) => {
  const lab = new Lab(page);
  const loss = lab.chart("Training loss");
  await page.goto("/");
  await expect(page.getByText(/^Nothing has been trained here yet\. .*: press Start and watch\.$/)).toBeVisible();

  // Of runs that wait there are neither points nor scores.
  await lab.fill({ ...SHORT, name: "Waits", seeds: "1", train: "64", epochs: "1" });
  await lab.pause.click();
  await expect(lab.resume).toBeVisible();
  await lab.start.click();
  await page.waitForURL(/\/experiments\/1$/);
  await expect(loss).toContainText("No points yet");
  await expect(loss.getByRole("img")).toHaveAccessibleName("Training loss. No points.");
  await page.getByRole("button", { name: "Draw none" }).click();
  await expect(loss).toContainText("All runs are hidden");

  // What the program says is on its way: the page says that, and shows all of it once it is there.
  let come = () => {};
  const way = new Promise<void>((done) => (come = done));
  await page.routeWebSocket("**/ws", (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => server.send(text));
    server.onMessage((text) => void way.then(() => socket.send(text)));
  });
  await page.goto("/experiments/1");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connecting");
  await expect(page.locator("main").getByRole("status")).toHaveText("Loading…");
  come();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Waits");

  // What is looked for and is not there.
  await page.goto("/");
  await page.getByRole("searchbox", { name: "Search experiments" }).fill("nowhere");
  await expect(page.getByText("No experiment matches.")).toBeVisible();
  for (const [address, title] of [
    ["/experiments/99", "No experiment 99"],
    ["/experiments/1/runs/none", "No run none in experiment 1"],
    ["/nowhere", "No such page"],
  ] as const) {
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 }), address).toHaveText(title);
    await expect(page.locator("main").getByRole("link").first()).toBeVisible();
  }
  await page.goto("/experiments/99/table");
  await expect(page.getByRole("alert")).toContainText("no experiment 99");
});
