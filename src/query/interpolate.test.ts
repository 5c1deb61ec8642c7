import type { IncidentsQuery, Matcher } from '../types';
import { expand, interpolateMatcher, interpolateQuery, type Replace, selectsNothing } from './interpolate';

interface Variable {
  value: string | string[];
  multi?: boolean;
  includeAll?: boolean;
}

/** Replaces $name like Grafana: a multi-value variable goes through the format function, or becomes {a,b}. */
function replacing(variables: Record<string, Variable>): Replace {
  return (text, format) =>
    text.replace(/\$(\w+)/g, (whole, name) => {
      const variable = variables[name];
      if (!variable) {
        return whole;
      }
      const { value } = variable;
      return format ? format(value, variable) : Array.isArray(value) ? `{${value.join(',')}}` : value;
    });
}

const replace = replacing({
  one: { value: 'a' },
  many: { value: ['a', 'b'], multi: true },
  more: { value: ['1', '2'], multi: true },
  none: { value: [], multi: true },
  empty: { value: '' },
  all: { value: '.*', includeAll: true },
  hosts: { value: ['10.0.0.1', '10.0.0.2'], multi: true },
  picked: { value: '10.0.0.1', multi: true },
  typed: { value: 'bk-.*' },
  marked: { value: ['$__all', 'a.b'], multi: true, includeAll: true },
  hostile: { value: ['"}) or vector(1) #', '\\', '`', '$one', '{a,b}', '\n', '(?i)x|y'], multi: true },
});

describe('expand', () => {
  it.each<[string, string[]]>([
    ['plain', ['plain']],
    ['$one', ['a']],
    ['x-$one-y', ['x-a-y']],
    ['$many', ['a', 'b']],
    ['$many-$more', ['a-1', 'a-2', 'b-1', 'b-2']],
    ['$none', []],
    ['$unknown', ['$unknown']],
  ])('%s', (entry, entries) => {
    expect(expand(entry, replace)).toEqual(entries);
  });

  it('is not confused by commas, braces or dollar patterns in a value', () => {
    const odd = replacing({ odd: { value: ['a,b', '{c}', '$&'], multi: true } });
    expect(expand('$odd', odd)).toEqual(['a,b', '{c}', '$&']);
  });
});

describe('interpolateMatcher', () => {
  const matcher = (op: Matcher['op'], value: string): Matcher => ({ name: 'pod', op, value });

  it.each<[string, Matcher, Matcher | undefined]>([
    ['one value', matcher('=', '$one'), matcher('=', 'a')],
    ['several values of an equality', matcher('=', '$hosts'), matcher('=~', '10\\.0\\.0\\.1|10\\.0\\.0\\.2')],
    ['several values of an inequality', matcher('!=', '$many'), matcher('!~', 'a|b')],
    ['several values inside a regex', matcher('=~', 'x-$hosts'), matcher('=~', 'x-(10\\.0\\.0\\.1|10\\.0\\.0\\.2)')],
    ['one picked value inside a regex', matcher('=~', '$picked'), matcher('=~', '10\\.0\\.0\\.1')],
    ['a regex from a text box', matcher('=~', '$typed'), matcher('=~', 'bk-.*')],
    ['all in a regex', matcher('=~', '$all'), undefined],
    ['all in a negated regex', matcher('!~', '$all'), undefined],
    ['all as part of a regex', matcher('=~', 'bk-$all'), matcher('=~', 'bk-.*')],
    ['everything, written by hand', matcher('=~', '.*'), matcher('=~', '.*')],
    ['the mark for all among picked values', matcher('=~', '$marked'), matcher('=~', '(.*|a\\.b)')],
    ['nothing chosen in a regex', matcher('=~', '$none'), undefined],
    ['nothing chosen in a negated regex', matcher('!~', 'x-$none'), undefined],
    ['all in an equality', matcher('=', '$all'), undefined],
    ['nothing chosen in an equality', matcher('=', '$none'), undefined],
    ['an empty value, which LogQL allows', matcher('=', ''), matcher('=', '')],
    ['no name yet', { name: '', op: '=', value: 'x' }, undefined],
    ['a variable as name', { name: '$one', op: '=', value: 'x' }, { name: 'a', op: '=', value: 'x' }],
  ])('%s', (_, before, after) => {
    expect(interpolateMatcher(before, replace)).toEqual(after);
  });
});

describe('hostile values', () => {
  const hostile = ['"}) or vector(1) #', '\\', '`', '$one', '{a,b}', '\n', '(?i)x|y'];

  it('stay single values of a list, neither split nor replaced again', () => {
    expect(expand('$hostile', replace)).toEqual(hostile);
  });

  it.each(['=', '!='] as const)('are literals in an alternation (%s)', (op) => {
    const { value = '' } = interpolateMatcher({ name: 'pod', op, value: '$hostile' }, replace) ?? {};
    const regex = new RegExp(`^(?:${value})$`);
    expect(hostile.filter((text) => !regex.test(text))).toEqual([]);
    expect(['x', 'y', 'X', 'a', ''].filter((text) => regex.test(text))).toEqual([]);
  });

  it('are literals in a regular expression', () => {
    const { value = '' } = interpolateMatcher({ name: 'pod', op: '=~', value: 'p-$hostile' }, replace) ?? {};
    const regex = new RegExp(`^(?:${value})$`);
    expect(hostile.filter((text) => !regex.test(`p-${text}`))).toEqual([]);
    expect(['p-x', 'y', 'p-a'].filter((text) => regex.test(text))).toEqual([]);
  });
});

describe('interpolateQuery', () => {
  it('reads a row limit out of a variable', () => {
    const query = { refId: 'A', queryType: 'incidents', limit: '$limit' } as unknown as IncidentsQuery;
    expect(interpolateQuery(query, replacing({ limit: { value: '50' } })).limit).toBe(50);
    expect(interpolateQuery(query, replacing({ limit: { value: 'many' } })).limit).toBeUndefined();
  });

  it('narrows signatures and severities by dashboard-wide filters', () => {
    const filters = [
      { key: 'signature', operator: '!=', value: 'a' },
      { key: 'severity', operator: '=', value: 'high' },
    ];
    const query: IncidentsQuery = { refId: 'A', queryType: 'incidents', signatures: ['$many'] };
    const { signatures, severities, matchers } = interpolateQuery(query, replace, filters, ['a', 'b', 'c']);
    expect({ signatures, severities, matchers }).toEqual({
      signatures: ['b'],
      severities: ['high'],
      matchers: undefined,
    });
  });

  it('knows when filters contradict each other: an empty list would select everything', () => {
    const nothing = [{ key: 'signature', operator: '=', value: 'z' }];
    const query: IncidentsQuery = { refId: 'A', queryType: 'incidents', signatures: ['$many'] };
    expect(selectsNothing(interpolateQuery(query, replace, nothing))).toBe(true);
    expect(selectsNothing(interpolateQuery(query, replace))).toBe(false);
    expect(selectsNothing(interpolateQuery({ ...query, signatures: [] }, replace))).toBe(false);
  });

  const clean = (query: Omit<IncidentsQuery, 'refId'>, variables = replace) =>
    JSON.parse(JSON.stringify(interpolateQuery({ refId: 'A', ...query }, variables)));

  it('replaces variables in every field', () => {
    expect(
      clean({
        queryType: 'alert',
        signatures: ['$many', 'c'],
        sources: ['$one'],
        severities: ['$many'],
        hosts: ['$hosts', '10.0.0.1'],
        clusters: ['$one'],
        states: ['$one'],
        matchers: [{ name: 'pod', op: '=', value: '$one' }],
        view: '$one' as 'identity',
        stat: '$one' as 'active',
        incident: '$one',
        limit: 7,
        language: '$one' as 'zh',
      })
    ).toEqual({
      refId: 'A',
      queryType: 'alert',
      signatures: ['a', 'b', 'c'],
      sources: ['a'],
      severities: ['a', 'b'],
      hosts: ['10.0.0.1', '10.0.0.2'],
      clusters: ['a'],
      states: ['a'],
      matchers: [{ name: 'pod', op: '=', value: 'a' }],
      view: 'a',
      stat: 'a',
      incident: 'a',
      limit: 7,
      language: 'a',
    });
  });

  it('lifts a filter that stands for everything', () => {
    expect(
      clean({
        queryType: 'incidents',
        signatures: ['$all'],
        hosts: ['$none'],
        clusters: ['$empty'],
        incident: '$empty',
      })
    ).toEqual({ refId: 'A', queryType: 'incidents' });
  });

  it('leaves the query itself as it was', () => {
    const query: IncidentsQuery = { refId: 'A', queryType: 'incidents', signatures: ['$many'] };
    interpolateQuery(query, replace);
    expect(query.signatures).toEqual(['$many']);
  });

  it('adds ad hoc filters to the matchers', () => {
    const query: IncidentsQuery = {
      refId: 'A',
      queryType: 'incidents',
      matchers: [{ name: 'pod', op: '=~', value: 'bk-.*' }],
    };
    const { matchers } = interpolateQuery(query, replace, [{ key: 'cluster', operator: '=', value: 'c1' }]);
    expect(matchers).toEqual([
      { name: 'pod', op: '=~', value: 'bk-.*' },
      { name: 'cluster', op: '=', value: 'c1' },
    ]);
  });
});
