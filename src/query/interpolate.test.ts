import type { IncidentsQuery, Matcher } from '../types';
import { expand, interpolateMatcher, interpolateQuery, type Replace } from './interpolate';

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
    ['all in a regex', matcher('=~', '$all'), matcher('=~', '.*')],
    ['nothing chosen in a regex', matcher('!~', '$none'), matcher('!~', '.*')],
    ['all in an equality', matcher('=', '$all'), undefined],
    ['nothing chosen in an equality', matcher('=', '$none'), undefined],
    ['an empty value, which LogQL allows', matcher('=', ''), matcher('=', '')],
    ['no name yet', { name: '', op: '=', value: 'x' }, undefined],
    ['a variable as name', { name: '$one', op: '=', value: 'x' }, { name: 'a', op: '=', value: 'x' }],
  ])('%s', (_, before, after) => {
    expect(interpolateMatcher(before, replace)).toEqual(after);
  });
});

describe('interpolateQuery', () => {
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
