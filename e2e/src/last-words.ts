import type { FullConfig, Reporter, TestCase, TestResult, TestStep } from "@playwright/test/reporter";

/** Colours of a terminal. */
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Lines of an error that are told: what was waited for, what was there, and the first steps of the wait. */
const LINES = 8;

/** The innermost step that failed, by the names of those around it. */
function failedStep(steps: TestStep[]): string[] {
  const failed = steps.find((step) => step.error);
  return failed ? [failed.title, ...failedStep(failed.steps)] : [];
}

/** Says at the very end why each test failed: a log that was cut has its end still. */
export default class LastWords implements Reporter {
  readonly #failures: string[] = [];

  onBegin(_config: FullConfig): void {
    this.#failures.length = 0;
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === "skipped") return;
    const place = `${test.location.file.split("/").pop()}:${test.location.line} ${test.title}`;
    const errors = result.errors.map((error) => (error.message ?? error.value ?? "").replaceAll(COLOURS, ""));
    const told = errors.map((error) => error.split("\n").slice(0, LINES).join("\n    "));
    this.#failures.push([place, failedStep(result.steps).join(" › "), ...told].join("\n    "));
  }

  onEnd(): void {
    for (const failure of this.#failures) console.log(`\nfailed: ${failure}`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
