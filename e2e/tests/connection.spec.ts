import { Lab, LONG } from "../src/lab.ts";
import { expect, test } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

test("a program of another version is told, not guessed at: one reload, then a word", async ({ page }) => {
  let connections = 0;
  // Either side says that it speaks one version more than it does.
  const raise = (text: string | Buffer) => {
    const message = JSON.parse(text.toString()) as { type: string; protocol?: number };
    if (message.protocol !== undefined) message.protocol += 1;
    return JSON.stringify(message);
  };
  await page.routeWebSocket("**/ws", (socket) => {
    connections += 1;
    const server = socket.connectToServer();
    socket.onMessage((text) => server.send(raise(text)));
    server.onMessage((text) => socket.send(raise(text)));
  });
  await page.goto("/");
  const lab = new Lab(page);
  await expect(page.getByRole("alert")).toContainText("different versions");
  await expect(lab.sign).toHaveText("Outdated");
  await expect.poll(() => connections).toBe(2);
  await page.waitForTimeout(1000);
  expect(connections, "the page does not load itself for ever").toBe(2);
});

test("a connection that falls silent without a word is made anew", async ({ page }) => {
  let connections = 0;
  let silent = false;
  await page.routeWebSocket("**/ws", (socket) => {
    connections += 1;
    const mine = connections;
    const server = socket.connectToServer();
    // Neither words nor closing reach the other side: a cable that was pulled.
    const cut = () => silent && mine === 1;
    socket.onMessage((text) => cut() || server.send(text));
    server.onMessage((text) => cut() || socket.send(text));
    socket.onClose((code, reason) => cut() || void server.close({ code, reason }));
    server.onClose((code, reason) => cut() || void socket.close({ code, reason }));
  });
  await page.clock.install();
  await page.goto("/");
  const lab = new Lab(page);
  await expect(lab.sign).toHaveText("Live");
  silent = true;
  await page.clock.fastForward(25_000);
  await expect(lab.sign).toHaveText(/^No answer for \d+ s$/);
  await page.clock.fastForward(10_000);
  await expect(page.getByRole("alert")).toContainText("was silent for too long");
  await page.clock.fastForward(2_000);
  await expect(lab.sign).toHaveText("Live");
  expect(connections).toBe(2);
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("what was typed into the form outlives a lost connection", async ({ page, program }) => {
  const lab = new Lab(page);
  await page.goto("/");
  await expect(lab.sign).toHaveText("Live");
  await lab.field("Name").fill("half a form");
  await lab.mask("bitfit").setChecked(true);
  await program.kill();
  await expect(page.getByRole("alert")).toBeVisible();
  await program.launch();
  await expect(lab.sign).toHaveText("Live");
  await expect(lab.field("Name")).toHaveValue("half a form");
  await expect(lab.mask("bitfit")).toBeChecked();
});

test("a program that stands still is not called live, and is again once it goes on", async ({ page, program }) => {
  const lab = new Lab(page);
  const wire = new Wire(page);
  let connections = 0;
  page.on("websocket", () => (connections += 1));
  await lab.begin({ ...LONG });
  await expect(lab.sign).toHaveText("Live");
  await expect.poll(() => wire.points).toBeGreaterThan(0);
  const opened = connections;
  program.freeze();
  // Told within about eight seconds: three times the usual silence.
  await expect(lab.sign).toHaveText(/^No answer for \d+ s$/, { timeout: 12_000 });
  await expect(page.getByRole("alert")).toHaveText(/does not answer.*Last update \d\d:\d\d:\d\d\./);
  await expect(lab.pause).toBeDisabled();
  // Twenty seconds of real silence, over which the page counts: too few to give the connection up.
  await expect(lab.sign).toHaveText(/^No answer for 2\d s$/, { timeout: 30_000 });
  const points = wire.points;
  program.thaw();
  await expect(lab.sign).toHaveText("Live");
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect.poll(() => wire.points).toBeGreaterThan(points);
  expect(connections, "it is the same connection").toBe(opened);
  // Of what was trained before and after, no step is missing.
  expect(wire.losses.size, "runs with points").toBe(1);
  const [losses] = wire.losses.values();
  const steps = [...losses!.keys()].sort((a, b) => a - b);
  expect(steps).toEqual(Array.from({ length: steps.length }, (_, i) => i + 1));
});

test("who does not want to wait for the next try has it made at once", async ({ page, program }) => {
  const lab = new Lab(page);
  let tries = 0;
  await page.clock.install();
  await page.goto("/");
  await expect(lab.sign).toHaveText("Live");
  page.on("websocket", () => (tries += 1));
  await program.kill();
  await expect(page.getByRole("alert")).toHaveText(/Connection lost.*Last update \d\d:\d\d:\d\d\./);
  // From here on the page's time stands still: it tries nothing by itself.
  await page.clock.pauseAt(Date.now() + 60_000);
  const now = page.getByRole("button", { name: "Try now" });
  await expect(now).toBeVisible();
  await program.launch();
  const before = tries;
  await now.click();
  await expect.poll(() => tries).toBe(before + 1);
  await page.clock.resume();
  await expect(lab.sign).toHaveText("Live");
  await expect(now).toHaveCount(0);
});
