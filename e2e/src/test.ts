import { test as base } from "@playwright/test";
import { Program } from "./program.ts";
import { train } from "./train.ts";

/** A test with a program of its own; its words are attached where the test fails. */
export const test = base.extend<{ program: Program }, { trained: Program }>({
  // Of `trained.ts`, and only there is it started. It stands here because tests whose workers differ in what they may have do
  // not share one: each change from one kind to the other would train all of it again.
  trained: [
    async ({}, use) => {
      const program = await Program.start();
      await train(program);
      await use(program);
      await program.remove();
    },
    { scope: "worker", timeout: 240_000 },
  ],
  program: async ({}, use, info) => {
    const program = await Program.start();
    await use(program);
    if (info.status !== info.expectedStatus) {
      await info.attach("tunemask serve", { body: program.said, contentType: "text/plain" });
    }
    await program.remove();
  },
  baseURL: async ({ program }, use) => use(program.url),
  // What the browser itself complains of is a defect, whatever the page shows.
  page: async ({ page }, use) => {
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      // A file that is refused is an answer like any other; the browser counts it as one that failed.
      if (message.type() === "error" && !/WebSocket|ERR_CONNECTION|status of 422/.test(message.text()))
        errors.push(`${message.text()} (${message.location().url})`);
    });
    await use(page);
    base.expect(errors, "errors in the browser's console").toEqual([]);
  },
});

export { expect } from "@playwright/test";
