import { Lab, SHORT } from "../src/lab.ts";
import { Program } from "../src/program.ts";
import { expect, test as base } from "../src/test.ts";
import { Wire } from "../src/wire.ts";

/** A program that trains in two processes. */
const test = base.extend<{ program: Program }>({
  program: async ({}, use) => {
    const program = await Program.start(["--devices", "cpu*2"]);
    await use(program);
    await program.remove();
  },
});

test("of two workers one is killed: the page goes on, and every run ends once", async ({ page, program }) => {
  test.setTimeout(400_000);
  const wire = new Wire(page);
  const lab = new Lab(page);
  const tiny = { ...SHORT, masks: ["full"], train: "128", evaluation: "32", epochs: "1" };
  await lab.begin({ ...tiny, name: "Spread", rates: "1e-4, 2e-4, 5e-4, 1e-3, 2e-3", seeds: "1-20" });
  const finished = async () => Number(/(\d+) of 100 finished/.exec(await lab.progress.innerText())?.[1] ?? 0);
  await expect.poll(finished, { timeout: 120_000 }).toBeGreaterThan(9);

  // What the page says of its connection from here on, and how far the experiment is, whenever either changes.
  await page.evaluate(() => {
    const noted = { signs: new Set<string>(), finished: [] as number[] };
    const note = () => {
      noted.signs.add(document.querySelector("header [role=status]")!.textContent!.trim());
      const words = document.querySelector(".progress.large")?.textContent ?? "";
      noted.finished.push(Number(/(\d+) of 100 finished/.exec(words)?.[1] ?? 0));
    };
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { noted });
  });
  const workers = program.children;
  expect(workers.length).toBe(2);
  process.kill(workers[0]!, "SIGKILL");
  // Another one takes its place.
  await expect.poll(() => program.children.filter((pid) => !workers.includes(pid)).length).toBe(1);

  await expect(lab.progress).toContainText("100 of 100 finished", { timeout: 240_000 });
  const noted = await page.evaluate(() => {
    const { signs, finished } = (window as unknown as { noted: { signs: Set<string>; finished: number[] } }).noted;
    return { signs: [...signs], finished };
  });
  expect(noted.signs).toEqual(["Live"]);
  expect(noted.finished).toEqual([...noted.finished].sort((a, b) => a - b));
  // Both trained, no step of any run is missing, and none was shown twice with another loss.
  await expect(page.getByRole("group", { name: "Show Nodes" }).getByRole("button")).toHaveCount(2);
  expect(wire.losses.size).toBe(100);
  for (const [run, losses] of wire.losses) {
    expect(
      [...losses.keys()].sort((a, b) => a - b),
      run,
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  }
  const answer = await page.request.get("/api/v1/experiments/1/runs?format=jsonl");
  const rows = (await answer.text()).trim().split("\n");
  const statuses = rows.map((row) => (JSON.parse(row) as { status: string }).status);
  expect(statuses).toEqual(Array.from({ length: 100 }, () => "finished"));
});
