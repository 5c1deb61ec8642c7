// Pictures of the editors, to be looked at:  node tools/editors/shots.mjs [--out DIR] [--only TEXT] [--keep]
import { chromium } from '@playwright/test';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { bundle } from './bundle.mjs';
import { KEPT, pictures } from './pictures.mjs';
import { serve } from './serve.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'artifacts/editors' },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean' },
  },
});
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
// What Grafana serves and its packages do not: the page's own data, fonts, an icon.
const EXPECTED = /grafanaBootData was not set|\/public\/fonts\/|\/spinner\.svg|\/favicon\.ico/;

/** Takes one picture, and returns what is wrong with it that a program can see. */
async function take(browser, base, { name, scene, mode, language, width, height, prepare }) {
  const page = await browser.newPage({ viewport: { width, height } });
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    const text = `${message.text()} ${message.location().url}`;
    if (message.type() === 'error' && !EXPECTED.test(text)) {
      problems.push(text);
    }
  });
  await page.goto(`${base}?scene=${scene}&mode=${mode}&language=${language}`);
  await page.locator('[data-scene] section *').first().waitFor();
  await page.waitForLoadState('networkidle');
  await prepare?.(page);
  await page.waitForTimeout(300);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (overflow > 0) {
    problems.push(`${overflow} px wider than the window`);
  }
  await page.screenshot({ path: path.join(values.out, `${name}.png`), fullPage: true, animations: 'disabled' });
  await page.close();
  return problems;
}

const built = path.join(os.tmpdir(), `bkincidents-editors-${process.pid}`);
mkdirSync(values.out, { recursive: true });
await bundle(built);
const server = await serve(built);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: FLAGS,
});
let failed = false;
for (const picture of pictures().filter(({ name }) => name.includes(values.only))) {
  const problems = await take(browser, `http://127.0.0.1:${server.address().port}/`, picture);
  failed ||= problems.length > 0;
  console.log([picture.name, ...problems].join('\n    '));
}
await browser.close();
server.close();
rmSync(built, { recursive: true });
if (values.keep) {
  for (const [kept, name] of Object.entries(KEPT)) {
    copyFileSync(path.join(values.out, `${name}.png`), `src/img/screenshots/${kept}.png`);
  }
}
process.exitCode = failed ? 1 : 0;
