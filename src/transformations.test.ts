import {
  type DataFrame,
  dataFrameFromJSON,
  type DataFrameJSON,
  fieldMatchers,
  FieldType,
  getFieldDisplayName,
  getFieldDisplayValuesProxy,
} from '@grafana/data';

import { goldenFrame, LANGUAGES, type Panel, shippedPanels } from './testdata/dashboards';
import { danglingPositions, transformed } from './testdata/transformers';

// A transformation, override or link that names a column which is not there does nothing, and nobody sees why. Here
// every panel's run on the frames that the backend renders (the golden files of pkg/frames), in both languages: Grafana
// matches columns by the name that people see, too.

interface Query {
  queryType?: string;
  stat?: string;
  view?: string;
}

/** Golden file of what answers a query. */
function golden({ queryType = 'incidents', stat, view }: Query): string {
  switch (queryType) {
    case 'count':
      return `count-${stat ?? 'active'}`;
    case 'timeline':
      return `timeline-${stat ?? 'lines'}`;
    case 'unmatched':
      return `unmatched-${stat ?? 'clusters'}`;
    case 'review':
      return `review-${stat ?? 'signatures'}`;
    case 'evidence':
      return view ? `evidence-${view}` : queryType;
    default:
      return queryType;
  }
}

function rendered(panel: Panel, language: string): DataFrame[] {
  return panel.targets!.map((target) => ({
    ...dataFrameFromJSON(goldenFrame(`${golden(target)}.${language}`) as DataFrameJSON),
    refId: String(target.refId),
  }));
}

async function shown(panel: Panel, language: string): Promise<DataFrame[]> {
  return transformed(panel, rendered(panel, language));
}

const names = (frames: DataFrame[]) =>
  frames
    .flatMap((frame) => frame.fields.map((field) => [field.name, getFieldDisplayName(field, frame, frames)]))
    .flat();

/** Columns that a transformation or its filters name. */
function named({ id, options }: NonNullable<Panel['transformations']>[number]): string[][] {
  const list = options as {
    include?: { names?: string[] };
    indexByName?: Record<string, number>;
    filters?: Array<{ fieldName: string }>;
    match?: string;
    sort?: Array<{ field: string }>;
    fields?: string[];
  };
  switch (id) {
    case 'filterFieldsByName':
      return list.include!.names!.map((name) => [name]);
    case 'organize': {
      // A column goes by its own name and by its names in both languages; one of them has to be there.
      const same = new Map<number, string[]>();
      Object.entries(list.indexByName!).forEach(([name, index]) => same.set(index, [...(same.get(index) ?? []), name]));
      return [...same.values()];
    }
    case 'filterByValue':
      return list.match === 'any' ? [list.filters!.map((f) => f.fieldName)] : list.filters!.map((f) => [f.fieldName]);
    case 'sortBy':
      return list.sort!.map(({ field }) => [field]);
    case 'partitionByValues':
      return list.fields!.map((name) => [name]);
    default:
      return [];
  }
}


beforeEach(() => {
  // A filter that goes by any of a column's names warns of those that it has not.
  jest.spyOn(console, 'warn').mockImplementation();
});

describe.each(LANGUAGES)('panels in %s', (language) => {
  const ours = shippedPanels(language).filter(([, panel]) => panel.targets?.length && !panel.targets[0].expr);
  const tables = ours.filter(([, { type }]) => type !== 'logs');

  it.each(tables)('%s: transformations name columns that are there', async (_, panel) => {
    const steps = panel.transformations ?? [];
    for (let n = 0; n < steps.length; n++) {
      const before = names(await shown({ ...panel, transformations: steps.slice(0, n) }, language));
      for (const alternatives of named(steps[n])) {
        expect({ step: steps[n].id, alternatives, before }).toEqual(
          expect.objectContaining({
            before: expect.arrayContaining([alternatives.find((name) => before.includes(name)) ?? alternatives[0]]),
          })
        );
      }
    }
    const frames = await shown(panel, language);
    expect(Math.max(...frames.map(({ length }) => length))).toBeGreaterThan(0);
  });

  it.each(tables)('%s: overrides match columns that are there', async (_, panel) => {
    const frames = await shown(panel, language);
    for (const { matcher } of panel.fieldConfig?.overrides ?? []) {
      const matches = fieldMatchers.get(matcher.id).get(matcher.options);
      const hit = frames.flatMap((frame) => frame.fields.filter((field) => matches(field, frame, frames)));
      const all = frames.flatMap(({ fields }) => fields).length;
      const hits = matcher.id === 'byName' ? 1 : all;
      expect({ override: matcher.options, hits: hit.length, of: names(frames) }).toMatchObject({ hits });
    }
  });

  it.each(tables)('%s: meta that names columns by position is valid after every transformation', async (_, panel) => {
    const steps = panel.transformations ?? [];
    for (let n = 0; n <= steps.length; n++) {
      for (const frame of await shown({ ...panel, transformations: steps.slice(0, n) }, language)) {
        expect(danglingPositions(frame)).toEqual([]);
      }
    }
  });

  it.each(tables)('%s: its numbers are there', async (_, panel) => {
    const reduce = panel.options?.reduceOptions as { fields?: string; calcs: string[] } | undefined;
    if (!reduce) {
      return;
    }
    const frames = await shown(panel, language);
    const pattern = reduce.fields && new RegExp(reduce.fields.slice(1, -1));
    const numbers = frames.flatMap((frame) =>
      frame.fields.filter((field) =>
        pattern ? pattern.test(getFieldDisplayName(field, frame, frames)) : field.type === FieldType.number
      )
    );
    expect(numbers.length).toBeGreaterThan(0);
  });

  it.each(tables)('%s: links name columns that are there, and are filled', async (_, panel) => {
    const frames = await shown(panel, language);
    const { defaults, overrides } = panel.fieldConfig!;
    const links = [
      ...((defaults.links ?? []) as Array<{ url: string }>),
      ...overrides.flatMap(({ properties }) =>
        properties.flatMap(({ id, value }) => (id === 'links' ? (value as Array<{ url: string }>) : []))
      ),
    ];
    for (const { url } of links) {
      for (const [macro, name] of url.matchAll(/\$\{__data\.fields\.(\w+):percentencode\}/g)) {
        const frame = frames.find(({ length }) => length > 0)!;
        const value = getFieldDisplayValuesProxy({ frame, rowIndex: 0 })[name];
        expect(`${macro} is ${value}`).not.toMatch(/is (undefined|null)?$/);
      }
      const label = /\$\{__field\.labels\.(\w+)\}/.exec(url)?.[1];
      if (label) {
        const series = frames[0].fields.filter(({ type }) => type === FieldType.number);
        expect(series.map(({ labels }) => Boolean(labels?.[label]))).toEqual(series.map(() => true));
      }
    }
  });
});
