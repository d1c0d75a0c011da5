// Holds CONVENTIONS.md to the tests: each row names one that is there, or says why the convention is not.
import { readFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const complain = (words) => {
  console.error(`CONVENTIONS.md: ${words}`);
  process.exitCode = 1;
};
const lines = readFileSync(here("CONVENTIONS.md"), "utf8").split("\n");
const rows = lines.filter((line) => line.startsWith("| ")).slice(2);
let named = 0;
for (const row of rows) {
  const [convention, is, held] = row.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim());
  if (/^no: ./.test(is) && held === "–") continue;
  const [, spec, title] = /^`([\w-]+)`: (.+)$/.exec(held ?? "") ?? [];
  if (is !== "yes" || !title) {
    complain(`"${convention}" has neither a test nor a reason: ${row}`);
    continue;
  }
  named += 1;
  const tests = readFileSync(here(`tests/${spec}.spec.ts`), "utf8");
  if (!tests.includes(title)) complain(`"${convention}": tests/${spec}.spec.ts has no test "${title}"`);
}
if (named < 40) complain(`${named} rows name a test`);
