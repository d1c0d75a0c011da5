import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { PROGRAM, type Program } from "./program.ts";

/** Writes a lab of many runs: built by `cargo build -p tunemask --example large_home`, or together with the Rust tests. */
function writer(): string {
  const beside = join(dirname(PROGRAM), "examples/large_home");
  const usual = resolve(import.meta.dirname, "../../target/debug/examples/large_home");
  const found = [process.env.TUNEMASK_LARGE_HOME, beside, usual].find((path) => path && existsSync(path));
  if (!found) throw new Error(`no ${beside}: cargo build -p tunemask --example large_home`);
  return found;
}

/** Starts a program again on a home folder with one experiment of so many runs of so many steps, all finished. */
export async function fillWithRuns(program: Program, size: { runs: number; steps: number }): Promise<void> {
  await program.kill();
  execFileSync(writer(), [program.home, String(size.runs), String(size.steps)]);
  await program.launch();
}
