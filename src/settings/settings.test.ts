import { DEFAULT_SETTINGS } from '../types';
import { aDataSource } from '../testdata/settings';
import {
  countProblem,
  durationProblem,
  parseCount,
  parseDuration,
  selectorProblem,
  tenantProblem,
  urlProblem,
} from './checks';
import { completeSettings, usesLoki, withSettings } from './defaults';
import { addSource, changeSource, removeSource, storedSources } from './sources';
import { countTexts, durationTexts, problemText, storeChoices, versionChoices } from './texts';

describe('completeSettings', () => {
  it('is the defaults for a new data source', () => {
    expect(completeSettings(undefined)).toEqual(DEFAULT_SETTINGS);
    expect(completeSettings({})).toEqual(DEFAULT_SETTINGS);
  });

  it('keeps what is stored, also 0', () => {
    expect(completeSettings({ store: 'samples', pageLimit: 0, tenant: '' })).toEqual({
      ...DEFAULT_SETTINGS,
      store: 'samples',
    });
  });

  it('decides whether Loki has to be configured', () => {
    expect(usesLoki(completeSettings({}))).toBe(true);
    expect(usesLoki(completeSettings({ store: 'samples' }))).toBe(false);
  });
});

describe('withSettings', () => {
  it('changes one and keeps the others', () => {
    const options = aDataSource({ tenant: 'a', tlsSkipVerify: true } as object);
    expect(withSettings(options, { language: 'en' }).jsonData).toEqual({
      tenant: 'a',
      tlsSkipVerify: true,
      language: 'en',
    });
  });

  it('removes an emptied one, so that the default holds again', () => {
    const options = aDataSource({ tenant: 'a', maxLines: 5, hostLabels: ['h'] });
    expect(withSettings(options, { tenant: '', maxLines: undefined, hostLabels: [] }).jsonData).toEqual({});
  });

  it('stores a count of 0', () => {
    expect(withSettings(aDataSource({}), { pageLimit: 0 }).jsonData).toEqual({ pageLimit: 0 });
  });
});

describe('sources', () => {
  const rows = DEFAULT_SETTINGS.sources;

  it('are changed, added and removed by place', () => {
    expect(changeSource(rows, 1, { onHost: false })[1]).toEqual({ ...rows[1], onHost: false });
    expect(addSource(rows)).toHaveLength(rows.length + 1);
    expect(removeSource(rows, 0)).toEqual(rows.slice(1));
  });

  it('are stored only where they differ from the defaults', () => {
    expect(storedSources(changeSource(rows, 0, {}))).toBeUndefined();
    expect(storedSources(rows.slice(1))).toEqual(rows.slice(1));
  });
});

describe('checks', () => {
  it.each(['10m', '1h30m', '25s', '500ms', '0s', '0', '2h', '', undefined])('accept the duration %s', (text) => {
    expect(durationProblem('lateness', text)).toBeUndefined();
  });

  it.each(['10', 'ten minutes', '5m1h', '1.5h', '-1s', ' '])('refuse the duration %s', (text) => {
    expect(durationProblem('lateness', text)).toBe('duration');
  });

  it.each<[Parameters<typeof durationProblem>[0], string]>([
    ['lateness', '2h1ms'],
    ['lookbackMax', '59m'],
    ['lookbackMax', '1y'],
    ['requestTimeout', '999ms'],
    ['queryTimeout', '1w'],
  ])('%s of %s is out of range', (key, text) => {
    expect(durationProblem(key, text)).toBe('range');
  });

  it('read a duration as Prometheus does', () => {
    expect(['1w2d', '1h30m', '1s5ms', '', 'x'].map(parseDuration)).toEqual([
      777600000,
      5400000,
      1005,
      undefined,
      undefined,
    ]);
  });

  it.each<[Parameters<typeof countProblem>[0], number | undefined, string | undefined]>([
    ['parallel', 1, undefined],
    ['parallel', 32, undefined],
    ['parallel', 0, 'range'],
    ['parallel', 33, 'range'],
    ['pageLimit', 0, undefined],
    ['maxLines', 0, 'range'],
    ['maxLines', 5000001, 'range'],
    ['maxBytes', 1048575, 'range'],
    ['pageLimit', 1000001, 'range'],
    ['maxLines', 1.5, 'count'],
    ['maxLines', NaN, 'count'],
    ['maxBytes', undefined, undefined],
  ])('%s of %s: %s', (key, value, problem) => {
    expect(countProblem(key, value)).toBe(problem);
  });

  it.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ["team-a|team_b.c*!'()", undefined],
    ['a b', 'tenant'],
    ['租户', 'tenant'],
    ['x'.repeat(151), 'tenant'],
    [`${'x'.repeat(150)}|${'y'.repeat(150)}`, undefined],
    ['a||b', 'tenant'],
    ['a|..', 'tenant'],
  ])('tenant %s: %s', (tenant, problem) => {
    expect(tenantProblem(tenant)).toBe(problem);
  });

  it.each(['', 'http://loki:3100', 'https://logs.example.com/loki-gateway', 'http://[fd00::1]:3100/'])(
    'accept the address %s',
    (text) => {
      expect(urlProblem(text)).toBeUndefined();
    }
  );

  it.each(['loki:3100', 'ftp://loki', 'http://', 'http://me:secret@loki', 'http://loki:3100?org=a'])(
    'refuse the address %s',
    (text) => {
      expect(urlProblem(text)).toBe('url');
    }
  );

  it.each([...DEFAULT_SETTINGS.sources.map(({ selector }) => selector), ' { app = `x` , } '])(
    'accept the selector %s',
    (selector) => {
      expect(selectorProblem(selector)).toBeUndefined();
    }
  );

  it.each(['', '{}', 'namespace="blueking"', '{namespace=blueking}', '{app="x"} |= "y"'])(
    'refuse the selector %s',
    (selector) => {
      expect(selectorProblem(selector)).toBe('selector');
    }
  );

  it('read a number as typed', () => {
    expect([parseCount(''), parseCount(' '), parseCount('0'), parseCount('12')]).toEqual([undefined, undefined, 0, 12]);
  });
});

describe('texts', () => {
  it('name every limit and every problem', () => {
    const labels = [...Object.values(durationTexts()), ...Object.values(countTexts())].map(({ label }) => label);
    expect(new Set(labels).size).toBe(8);
    expect(problemText('range', 'parallel')).toBe('Out of range: 1 to 32 is allowed.');
    expect(problemText('selector')).toContain('{namespace="blueking"}');
    expect(storeChoices().map(({ value }) => value)).toEqual(['loki', 'samples']);
    expect(versionChoices().map(({ value }) => value)).toEqual(['7.0', '7.1', '7.2', '7.3']);
  });
});
