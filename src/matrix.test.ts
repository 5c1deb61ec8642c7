import { type DataFrame, dataFrameFromJSON, type DataFrameJSON } from '@grafana/data';
import { execFileSync } from 'child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

import { type Language, LANGUAGES, type Panel, shippedPanels } from './testdata/dashboards';
import { danglingPositions, transformed } from './testdata/transformers';

// Every panel on what the backend answers in every state of the logs: TestDashboardsInEveryState of pkg/plugin asks the
// panels' queries and writes the answers, and here they go through the panels.

const STATES = ['samples', 'empty', 'one-incident', 'two-hundred', 'one-fails', 'one-of-others', 'all-fail'] as const;

interface Answer {
  frames: DataFrameJSON[] | null;
  error: string;
}

const folder = mkdtempSync(join(tmpdir(), 'answers-'));

beforeAll(() => {
  execFileSync('go', ['test', './pkg/plugin', '-count=1', '-run', 'TestDashboardsInEveryState', '-answers', folder], {
    cwd: join(__dirname, '..'),
    stdio: 'pipe',
  });
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true }));

function answers(state: string, language: Language): Record<string, Answer[]> {
  const file = join(folder, `${state}.${language}.json`);
  expect(existsSync(file)).toBe(true);
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** What each panel shows, with the panel. */
async function shown(state: string, language: Language): Promise<Array<[string, Panel, DataFrame[], Answer]>> {
  const all = answers(state, language);
  const out: Array<[string, Panel, DataFrame[], Answer]> = [];
  for (const [where, panel] of shippedPanels(language)) {
    const answer = all[where.replace(/^(\S+, \d+).*$/, '$1')]?.[0];
    if (answer) {
      const frames = (answer.frames ?? []).map((frame) => ({ ...dataFrameFromJSON(frame), refId: 'A' }));
      out.push([where, panel, await transformed(panel, frames), answer]);
    }
  }
  expect(out.length).toBeGreaterThan(30);
  return out;
}

const values = (frames: DataFrame[]) => frames.flatMap(({ fields }) => fields.flatMap((field) => [...field.values]));
const noValue = ({ fieldConfig }: Panel) => String(fieldConfig?.defaults.noValue ?? '');

describe.each(LANGUAGES)('panels in %s', (language) => {
  const unknown = language === 'zh' ? '未知' : /unknown/i;

  it.each(STATES)('can be shown: %s', async (state) => {
    for (const [where, , frames] of await shown(state, language)) {
      expect({ where, dangling: frames.flatMap(danglingPositions) }).toEqual({ where, dangling: [] });
    }
  });

  it.each(STATES)('never show a header without a row or a word: %s', async (state) => {
    for (const [where, { type }, frames] of await shown(state, language)) {
      const bare = type === 'table' && frames.some(({ fields, length }) => fields.length > 0 && length === 0);
      expect({ where, bare }).toEqual({ where, bare: false });
    }
  });

  it.each(STATES)('have no words for an empty panel in a cell: %s', async (state) => {
    for (const [where, panel, frames] of await shown(state, language)) {
      expect({ where, cells: values(frames) }).not.toEqual({
        where,
        cells: expect.arrayContaining([noValue(panel) || 'a text']),
      });
    }
  });

  it.each(['one-fails', 'all-fail'] as const)('say that they do not know: %s', async (state) => {
    for (const [where, panel, frames, { error, frames: sent }] of await shown(state, language)) {
      const notices = (sent ?? []).flatMap(({ schema }) => schema?.meta?.notices ?? []);
      if (!error && notices.length === 0) {
        continue; // what needs no logs, or none of those that fail
      }
      const words = [...values(frames).map(String), ...(frames.length ? [] : [noValue(panel)])].join('\n');
      if (frames.every(({ length, fields }) => length === 0 || fields.length === 0)) {
        // Grafana shows the text for an empty panel.
        expect({ where, text: noValue(panel) }).toEqual({ where, text: expect.stringMatching(unknown) });
      } else if (error) {
        expect({ where, words }).toEqual({ where, words: expect.stringMatching(unknown) });
      }
    }
  });

  it('paint nothing green that is not known, and never say 0 for it', () => {
    for (const [where, { type, fieldConfig }] of shippedPanels(language)) {
      const { thresholds, noValue: text } = (fieldConfig?.defaults ?? {}) as {
        thresholds?: { steps: Array<{ color: string }> };
        noValue?: string;
      };
      expect({ where, color: thresholds?.steps[0].color }).not.toEqual({ where, color: 'green' });
      if (type !== 'text' && type !== 'row') {
        expect({ where, text }).toEqual({ where, text: expect.stringMatching(unknown) });
      }
    }
  });

  it('have titles that fit at 1440 pixels', () => {
    for (const [where, { title, gridPos }] of shippedPanels(language)) {
      const room = (gridPos.w / 24) * 1376 - 60; // the page without its margins; padding and menu of the panel
      const width = [...title].reduce((sum, char) => sum + (char > '\u2e80' ? 14 : 8), 0);
      expect({ where, fits: width < room, width, room }).toMatchObject({ where, fits: true });
    }
  });
});

// Padding of the page and of a panel, and the scroll bar of a table.
const roomOf = ({ gridPos }: Panel) => (gridPos.w / 24) * (1440 - 32) - 8 - 18;

/** Width of a column, or what it takes at least; columns without a width share what is left. */
function widthOf(column: string, { fieldConfig }: Panel): { fixed: number; least: number; hidden: boolean } {
  const { custom } = fieldConfig!.defaults as { custom: { minWidth: number } };
  const properties = new Map(
    fieldConfig!.overrides
      .filter(({ matcher }) => matcher.options === column)
      .flatMap((override) => override.properties.map(({ id, value }) => [id, value]))
  );
  return {
    fixed: Number(properties.get('custom.width') ?? 0),
    least: Number(properties.get('custom.minWidth') ?? custom.minWidth),
    hidden: Boolean(properties.get('custom.hidden')),
  };
}

describe('tables', () => {
  const tables = LANGUAGES.flatMap(shippedPanels).filter(([, { type }]) => type === 'table');

  it.each(tables)('%s: all columns are on the screen at 1440 pixels', (_, panel) => {
    const steps = new Map(panel.transformations!.map(({ id, options }) => [id, options]));
    const { include } = steps.get('filterFieldsByName') as { include: { names: string[] } };
    if (steps.has('transpose')) {
      return;
    }
    const columns = include.names.map((name) => widthOf(name, panel)).filter(({ hidden }) => !hidden);
    const rest = roomOf(panel) - columns.reduce((sum, { fixed }) => sum + fixed, 0);
    const sharing = columns.filter(({ fixed }) => fixed === 0);
    expect(rest).toBeGreaterThanOrEqual(0);
    expect(Math.max(...sharing.map(({ least }) => least))).toBeLessThanOrEqual(rest / sharing.length);
  });

  it.each(tables)('%s: an empty cell is empty', (_, { fieldConfig }) => {
    expect(fieldConfig!.overrides[0]).toEqual({
      matcher: { id: 'byRegexp', options: '/.*/' },
      properties: [{ id: 'noValue', value: '—' }],
    });
  });
});
