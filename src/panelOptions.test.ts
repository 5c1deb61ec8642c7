import { join } from 'path';
import ts from 'typescript';

import { LANGUAGES, shippedPanels } from './testdata/dashboards';

// Grafana ignores an option that it does not know, so a misspelt one shows up as a panel that looks wrong. The types
// are those of the Grafana that this plugin is built for.

type Shipped = ReturnType<typeof shippedPanels>;

const SCHEMA = '@grafana/schema/dist/types/raw/composable';

/** File of a panel type's options, and whether it says what a field's `custom` may hold. */
const TYPES: Record<string, { file: string; custom?: string }> = {
  stat: { file: 'stat/panelcfg/x/StatPanelCfg_types.gen.d.ts' },
  barchart: { file: 'barchart/panelcfg/x/BarChartPanelCfg_types.gen.d.ts', custom: 'FieldConfig' },
  table: { file: 'table/panelcfg/x/TablePanelCfg_types.gen.d.ts', custom: 'FieldConfig' },
  logs: { file: 'logs/panelcfg/x/LogsPanelCfg_types.gen.d.ts' },
  text: { file: 'text/panelcfg/x/TextPanelCfg_types.gen.d.ts' },
  timeseries: { file: 'timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen.d.ts', custom: 'FieldConfig' },
  'state-timeline': { file: 'statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen.d.ts', custom: 'FieldConfig' },
};

/** What older Grafanas read where 12.2 reads something else that we set as well. */
const OLDER = { hidden: 'hideFrom', wrapText: 'wrapText' };

/** Values of `custom` by their path: those of the defaults and those of every override. */
function customs({ fieldConfig }: Shipped[number][1]): Array<Record<string, unknown>> {
  const overridden = (fieldConfig?.overrides ?? []).map(({ properties }) => {
    const out: Record<string, unknown> = {};
    for (const { id, value } of properties.filter((property) => property.id.startsWith('custom.'))) {
      const path = id.split('.').slice(1);
      const parent = path.slice(0, -1).reduce<Record<string, unknown>>((at, key) => {
        at[key] ??= {};
        return at[key] as Record<string, unknown>;
      }, out);
      parent[path[path.length - 1]] = value;
    }
    return out;
  });
  return [(fieldConfig?.defaults.custom ?? {}) as Record<string, unknown>, ...overridden];
}

/** Takes out what only older Grafanas read, after making sure that the newer form stands beside it. */
function newer(custom: Record<string, unknown>): Record<string, unknown> {
  const { hidden, ...rest } = custom;
  const cell = rest.cellOptions as { wrapText?: boolean } | undefined;
  if (hidden !== undefined && rest[OLDER.hidden] === undefined) {
    throw new Error('custom.hidden without custom.hideFrom: Grafana 12.2 would show the column');
  }
  if (cell?.wrapText !== undefined) {
    if (rest[OLDER.wrapText] !== cell.wrapText) {
      throw new Error('custom.cellOptions.wrapText without custom.wrapText: Grafana 12.2 would not wrap');
    }
    const { wrapText, ...others } = cell;
    return { ...rest, cellOptions: others };
  }
  return rest;
}

// JSON has the values of enums where the types have enums; options that are absent have their defaults.
const LOOSE = `
type Loose<T> = T extends string ? \`\${T}\` : T extends number ? number : T extends boolean ? T
  : T extends Array<infer U> ? Array<Loose<U>> : T extends object ? { [K in keyof T]?: Loose<T[K]> } : T;
`;

/** Type errors of a source text. */
function errorsOf(source: string): string[] {
  const name = join(__dirname, 'shipped.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.readFile = (file) => (file === name ? source : readFile(file));
  host.getSourceFile = (file, language) =>
    file === name ? ts.createSourceFile(file, source, language) : getSourceFile(file, language);
  const program = ts.createProgram([name], options, host);
  const file = program.getSourceFile(name);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ messageText, start }) => {
      const line = file!.getLineAndCharacterOfPosition(start ?? 0).line;
      const where = source
        .split('\n')
        .slice(0, line + 1)
        .reverse()
        .find((text) => text.startsWith('// '));
      return `${where}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    }
  );
}

function sourceOf(panels: Shipped): string {
  const imports = Object.entries(TYPES).map(
    ([type, { file }]) => `import type * as ${identifier(type)} from '${SCHEMA}/${file}';`
  );
  const values = panels.flatMap(([where, panel], index) => {
    const { custom } = TYPES[panel.type];
    const name = identifier(panel.type);
    return [
      `// ${where}`,
      `export const options${index}: Loose<${name}.Options> = ${JSON.stringify(panel.options ?? {}, null, 1)};`,
      ...(custom
        ? customs(panel).map(
            (value, n) =>
              `export const custom${index}_${n}: Loose<${name}.${custom}> = ${JSON.stringify(newer(value), null, 1)};`
          )
        : []),
    ];
  });
  return [...imports, LOOSE, ...values].join('\n');
}

function identifier(type: string): string {
  return type.replace('-', '_');
}

// A type checker takes a while on a busy machine.
jest.setTimeout(180_000);

describe('panels of the shipped dashboards', () => {
  it('are of types whose options are checked', () => {
    const types = new Set(LANGUAGES.flatMap(shippedPanels).map(([, { type }]) => type));
    expect(Object.keys(TYPES)).toEqual(expect.arrayContaining([...types]));
  });

  it('have no option that Grafana does not know', () => {
    expect(errorsOf(sourceOf(LANGUAGES.flatMap(shippedPanels)))).toEqual([]);
  });

  it('would be caught if they had', () => {
    const wrong = { id: 1, type: 'stat', title: 'x', gridPos: { w: 4, h: 4, x: 0, y: 0 } };
    const errors = errorsOf(
      sourceOf([
        ['name', { ...wrong, options: { colourMode: 'none' } }],
        ['value', { ...wrong, options: { graphMode: 'lines' } }],
      ])
    );
    expect(errors).toEqual([expect.stringMatching(/name.*colourMode/), expect.stringMatching(/value.*"lines"/)]);
  });
});
