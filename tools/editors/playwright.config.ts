import { defineConfig, devices } from '@playwright/test';

import { browser } from '../../tests/browser';

const PORT = 3199;

/** The editors in a browser, without a Grafana. The page answers for the backend (edges.ts). */
export default defineConfig({
  testDir: '.',
  outputDir: '../../artifacts/flows',
  use: { ...devices['Desktop Chrome'], baseURL: `http://127.0.0.1:${PORT}`, launchOptions: browser() },
  webServer: {
    command: `node flows.mjs ${PORT}`,
    url: `http://127.0.0.1:${PORT}/`,
    timeout: 300_000,
    reuseExistingServer: false,
  },
});
