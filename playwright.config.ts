import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';

import { browser } from './tests/browser';

/** An administrator of the Grafana under test. */
const admin = { user: process.env.GRAFANA_USER || 'admin', password: process.env.GRAFANA_PASSWORD || 'admin' };

/**
 * See https://playwright.dev/docs/test-configuration.
 */
export default defineConfig<PluginOptions>({
  testDir: './tests',
  /* Run tests in files in parallel */
  fullyParallel: true,
  /* Fail the build on CI if you accidentally left test.only in the source code. */
  forbidOnly: !!process.env.CI,
  /* Retry on CI only */
  retries: process.env.CI ? 2 : 0,
  /* A first page of Grafana takes its time on a small machine. */
  timeout: 90_000,
  expect: { timeout: 20_000 },
  /* Reporter to use. See https://playwright.dev/docs/test-reporters */
  reporter: [['list'], ['html', { open: 'never' }]],
  /* Shared settings for all the projects below. See https://playwright.dev/docs/api/class-testoptions. */
  use: {
    /* Base URL to use in actions like `await page.goto('/')`. */
    baseURL: process.env.GRAFANA_URL || 'http://localhost:3000',

    /* Collect trace when retrying the failed test. See https://playwright.dev/docs/trace-viewer */
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',

    launchOptions: browser(),
    grafanaAPICredentials: admin,
    // Every request signs in by itself: Grafana replaces the token of a session every ten minutes, and the browsers of
    // a longer run would share the old one.
    extraHTTPHeaders: { Authorization: `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}` },
  },

  /* Configure projects for major browsers */
  projects: [
    // 1. A data source of the built-in samples and, where they are missing, the dashboards; 3. takes them out again.
    {
      name: 'setup',
      testMatch: 'run.setup.ts',
      teardown: 'teardown',
    },
    // 2. The tests, in a desktop browser.
    {
      name: 'chromium',
      use: { ...devices['Desktop Chrome'] },
      dependencies: ['setup'],
    },
    {
      name: 'teardown',
      testMatch: 'run.teardown.ts',
    },
  ],
});
