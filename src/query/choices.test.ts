import { type IncidentsQuery, QUERY_TYPES, type QueryType, STATS } from '../types';
import {
  chosen,
  chosenFor,
  languageChoices,
  opChoices,
  severityChoices,
  signatureChoices,
  sourceChoices,
  statChoices,
  stateChoices,
  typeChoices,
  variableTypeChoices,
  viewChoices,
} from './choices';
import { examples } from './examples';
import { fieldsFor, isRunnable } from './fields';

describe('choices', () => {
  it('describe every query type', () => {
    const offered = typeChoices(QUERY_TYPES);
    expect(offered.map(({ value }) => value)).toEqual([...QUERY_TYPES]);
    expect(offered.filter(({ description }) => !description)).toEqual([]);
  });

  it('are explained below the first row', () => {
    const explained = (query: Partial<IncidentsQuery> & Pick<IncidentsQuery, 'queryType'>) =>
      chosenFor({ refId: 'A', ...query }, fieldsFor(query)).map(({ label }) => label);
    expect(explained({ queryType: 'incidents' })).toEqual(['Incidents']);
    expect(explained({ queryType: 'alert' })).toEqual(['Alert', 'Identity']);
    expect(explained({ queryType: 'timeline' })).toEqual(['Timeline', 'Lines']);
    expect(explained({ queryType: 'unmatched', stat: 'coverage' })).toEqual(['Unmatched', 'Coverage']);
  });

  it('show a type of a later release by its name', () => {
    expect(typeChoices(['unheard-of' as QueryType])).toEqual([{ value: 'unheard-of', label: 'unheard-of' }]);
  });

  it.each([
    ['severities', severityChoices()],
    ['states', stateChoices()],
    ['views of incidents', viewChoices('incidents')],
    ['views of an alert', viewChoices('alert')],
    ['stats', statChoices(STATS)],
    ['languages', languageChoices()],
    ['sources', sourceChoices([])],
    ['operators', opChoices()],
    ['variables', variableTypeChoices()],
  ])('give each of the %s its own label', (_, offered) => {
    expect(new Set(offered.map(({ label }) => label)).size).toBe(offered.length);
  });

  it('offer the sources of custom signatures behind the known ones', () => {
    const mine = {
      id: 'mine',
      title: '',
      severity: 'low',
      class: 'unknown',
      family: 'mine',
      status: 'active',
    } as const;
    const offered = sourceChoices([
      { ...mine, sources: ['my-app', 'nodeman'] },
      { ...mine, sources: ['backup', 'my-app'] },
    ]).map(({ value }) => value);
    expect(offered.slice(0, 1)).toEqual(['nodeman']);
    expect(offered.slice(-2)).toEqual(['backup', 'my-app']);
    expect(new Set(offered).size).toBe(offered.length);
  });

  it('show signatures by title and id', () => {
    expect(
      signatureChoices([
        {
          id: 'curl-dns',
          title: '域名无法解析',
          severity: 'high',
          class: 'environment',
          family: 'dns',
          sources: ['nodeman'],
          status: 'active',
        },
      ])
    ).toEqual([{ value: 'curl-dns', label: '域名无法解析', description: 'curl-dns' }]);
  });

  it('keep chosen values that nobody offers', () => {
    const offered = [{ value: 'curl-dns', label: 'DNS' }];
    expect(chosen(['$signature', 'curl-dns'], offered)).toEqual([
      { value: '$signature', label: '$signature' },
      { value: 'curl-dns', label: 'DNS' },
    ]);
    expect(chosen(undefined, offered)).toEqual([]);
  });
});

describe('examples', () => {
  it.each(examples().map(({ title, query }) => [title, query] as const))('%s: runs as it is', (_, example) => {
    const query = { refId: 'A', ...example };
    const { refId, queryType, ...rest } = query;
    const fields: ReadonlySet<string> = fieldsFor(query);
    expect(isRunnable(query)).toBe(true);
    expect(Object.keys(rest).filter((key) => !fields.has(key))).toEqual([]);
  });
});
