// Weir in a real browser. Each worker has a Weir of its own, see support/weir.ts.
import { defineConfig } from "@playwright/test";

const launchOptions = {
  executablePath: process.env.WEIR_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ],
};

export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  workers: 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: { browserName: "chromium", launchOptions, viewport: { width: 1440, height: 900 } },
  projects: [
    {
      name: "with JavaScript",
      testMatch: ["acceptance/*.spec.ts", "hydrate/*.spec.ts", "sdks/*.spec.ts", "connect/*.spec.ts"],
      use: { javaScriptEnabled: true },
    },
    {
      name: "without JavaScript",
      testMatch: ["acceptance/*.spec.ts"],
      use: { javaScriptEnabled: false },
    },
    // For people to look at; not a part of `make test`, see `make screenshots`.
    { name: "screenshots", testMatch: ["screenshots/*.spec.ts"] },
  ],
});
