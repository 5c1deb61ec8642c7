import type { LaunchOptions } from '@playwright/test';
import { existsSync } from 'node:fs';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser that is there (CHROMIUM_PATH, or where systems put it); without one, that of `npx playwright install`. */
export function browser(): LaunchOptions {
  const executablePath = process.env.CHROMIUM_PATH || INSTALLED.find((file) => existsSync(file));
  return executablePath ? { executablePath, args: ['--no-sandbox'] } : {};
}
