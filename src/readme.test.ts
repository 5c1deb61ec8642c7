import { existsSync, readFileSync } from 'fs';
import path from 'path';

import pluginJson from './plugin.json';

// Grafana shows the README on its own page, whose relative addresses begin at Grafana's root. Its sanitizer empties an
// address that does not start with a scheme, `/` or `./`; only the last works below a sub-path.
const SERVED = `./public/plugins/${pluginJson.id}/`;

it('shows pictures that Grafana serves', () => {
  const readme = readFileSync(path.join(__dirname, 'README.md'), 'utf8');
  const pictures = [...readme.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, address]) => address);
  expect(pictures.length).toBeGreaterThan(3);
  pictures.forEach((address) => {
    expect(address.startsWith(SERVED)).toBe(true);
    expect(existsSync(path.join(__dirname, address.slice(SERVED.length)))).toBe(true);
  });
});

it.each(pluginJson.info.screenshots)('brings the screenshot $path', ({ path: file }) => {
  expect(existsSync(path.join(__dirname, file))).toBe(true);
});
