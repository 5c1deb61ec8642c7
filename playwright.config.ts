import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig, devices } from '@playwright/test';
import { dirname } from 'node:path';

import { browser } from './tests/browser';

const pluginE2eAuth = `${dirname(require.resolve('@grafana/plugin-e2e'))}/auth`;

/** An administrator of the Grafana under test. */
const admin = { user: process.env.GRAFANA_USER || 'admin', password: process.env.GRAFANA_PASSWORD || 'admin' };

const signedIn = `playwright/.auth/${admin.user}.json`;

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
  /* Reporter to use. See https://playwright.dev/docs/test-reporters */
  reporter: [['list'], ['html', { open: 'never' }]],
  /* Shared settings for all the projects below. See https://playwright.dev/docs/api/class-testoptions. */
  use: {
    /* Base URL to use in actions like `await page.goto('/')`. */
    baseURL: process.env.GRAFANA_URL || 'http://localhost:3000',

    /* Collect trace when retrying the failed test. See https://playwright.dev/docs/trace-viewer */
    trace: 'on-first-retry',

    launchOptions: browser(),
    user: admin,
    grafanaAPICredentials: admin,
  },

  /* Configure projects for major browsers */
  projects: [
    // 1. Login to Grafana and store the cookie on disk for use in other tests.
    {
      name: 'auth',
      testDir: pluginE2eAuth,
      testMatch: [/.*\.js/],
    },
    // 2. A data source of the built-in samples and, where they are missing, the dashboards; 4. takes them out again.
    {
      name: 'setup',
      testMatch: 'run.setup.ts',
      use: { storageState: signedIn },
      dependencies: ['auth'],
      teardown: 'teardown',
    },
    // 3. Run tests in Google Chrome. Every test will start authenticated as admin user.
    {
      name: 'chromium',
      use: {
        ...devices['Desktop Chrome'],
        storageState: signedIn,
      },
      dependencies: ['setup'],
    },
    {
      name: 'teardown',
      testMatch: 'run.teardown.ts',
      use: { storageState: signedIn },
    },
  ],
});
