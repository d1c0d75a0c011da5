// Holds CONVENTIONS.md to the tests: each row names one that is there.
import { readFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const rows = readFileSync(here("CONVENTIONS.md"), "utf8").matchAll(/^\| (.+?)\s+\| `([\w-]+)`: (.+?)\s+\|$/gm);
let named = 0;
for (const [, convention, spec, title] of rows) {
  named += 1;
  const tests = readFileSync(here(`tests/${spec}.spec.ts`), "utf8");
  if (!tests.includes(title)) {
    console.error(`CONVENTIONS.md: "${convention}": tests/${spec}.spec.ts has no test "${title}"`);
    process.exitCode = 1;
  }
}
if (named < 40) {
  console.error(`CONVENTIONS.md: ${named} rows name a test`);
  process.exitCode = 1;
}
