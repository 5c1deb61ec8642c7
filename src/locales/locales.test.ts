import { readdirSync, readFileSync } from 'fs';
import path from 'path';

import pluginJson from '../plugin.json';
import english from './en-US/blueking-incidents-datasource.json';
import chinese from './zh-Hans/blueking-incidents-datasource.json';

const SRC = path.resolve(__dirname, '..');

function flatten(tree: object, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(tree).map(([key, value]) =>
      typeof value === 'string' ? { [prefix + key]: value } : flatten(value, `${prefix}${key}.`)
    )
  );
}

/** Every t('key', 'English') of the source. */
function textsInSource(): Record<string, string> {
  const call = /\bt\(\s*'([^']+)',\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/g;
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes('.test.')
  );
  const found = files.flatMap((file) => [...readFileSync(path.join(SRC, file), 'utf8').matchAll(call)]);
  return Object.fromEntries(found.map(([, key, single, double]) => [key, single?.replace(/\\'/g, "'") ?? double]));
}

describe('texts', () => {
  const source = textsInSource();

  it('are the same in the code and in the English file', () => {
    expect(Object.keys(source).length).toBeGreaterThan(100);
    expect(flatten(english)).toEqual(source);
  });

  it('are all translated', () => {
    expect(Object.keys(flatten(chinese)).sort()).toEqual(Object.keys(source).sort());
  });

  it('are Chinese in the Chinese file, names apart', () => {
    const foreign = Object.entries(flatten(chinese)).filter(([, text]) => !/\p{Script=Han}/u.test(text));
    expect(foreign.map(([key]) => key).sort()).toEqual([
      'config.store.loki.label',
      'summary.also',
      'summary.narrowed',
      'summary.separator',
    ]);
  });

  it.each(pluginJson.languages)('has a file where Grafana looks for %s', (language) => {
    expect(readdirSync(path.join(__dirname, language))).toEqual([`${pluginJson.id}.json`]);
  });
});
