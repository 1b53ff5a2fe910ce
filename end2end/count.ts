// The last line that `make test` adds up: `browser: 12 passed, 0 failed`.
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class Count implements Reporter {
  private passed = 0;
  private failed = 0;

  onTestEnd(_: TestCase, result: TestResult) {
    if (result.status === "passed") this.passed += 1;
    else if (result.status !== "skipped") this.failed += 1;
  }

  onEnd() {
    console.log(`browser: ${this.passed} passed, ${this.failed} failed`);
  }

  printsToStdio() {
    return true;
  }
}
