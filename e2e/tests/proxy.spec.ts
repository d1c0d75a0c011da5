import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Lab, SHORT } from "../src/lab.ts";
import { Program } from "../src/program.ts";
import { Proxy } from "../src/proxy.ts";
import { expect, test } from "../src/test.ts";

test("behind a proxy, below a path: the token opens the page once, and every part of it works", async ({ page }) => {
  const proxy = await Proxy.start("/user/me/proxy/3000");
  const program = await Program.start(["--origin", proxy.origin]);
  proxy.port = program.port;
  try {
    const token = (await readFile(join(program.home, "token"), "utf8")).trim();
    await page.goto(`${proxy.url}/?token=${token}`);
    expect(page.url(), "the address shows no token").toBe(`${proxy.url}/`);
    const lab = new Lab(page);
    await expect(lab.sign).toHaveText("Live");

    await page.getByRole("navigation").getByRole("link", { name: "New experiment" }).click();
    expect(page.url()).toBe(`${proxy.url}/new`);
    await lab.openProtocol();
    for (const [label, text] of [
      ["Name", "Below"],
      ["Training examples", SHORT.train!],
      ["Development examples", SHORT.evaluation!],
    ] as const) {
      await lab.field(label).fill(text);
    }
    await lab.start.click();
    await page.waitForURL(`${proxy.url}/experiments/1`);
    await expect(page.getByRole("heading", { level: 1, name: "Below" })).toBeVisible();

    // An address deep down is loaded anew, and so is what lies beside and above it.
    await page.reload();
    await expect(lab.sign).toHaveText("Live");
    await lab.tab("Table").click();
    expect(page.url()).toMatch(`${proxy.url}/experiments/1/table`);
    await page.reload();
    await expect(lab.sign).toHaveText("Live");
    await page.getByRole("banner").getByRole("link", { name: "Tunemask" }).click();
    expect(page.url()).toBe(`${proxy.url}/`);
    await expect(page.getByRole("link", { name: "Below" })).toHaveAttribute(
      "href",
      "/user/me/proxy/3000/experiments/1",
    );
  } finally {
    await proxy.stop();
    await program.remove();
  }
});
