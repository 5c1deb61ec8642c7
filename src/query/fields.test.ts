import { CoreApp } from '@grafana/data';

import { type IncidentsQuery, QUERY_TYPES, type QueryType } from '../types';
import { VARIABLE_TYPES } from '../variables/model';
import {
  changeQuery,
  changeType,
  changeVariableType,
  emptyMeansAll,
  fieldsFor,
  filterRow,
  hintFor,
  isRunnable,
  queryTypesFor,
  refineRow,
  variableFieldsFor,
} from './fields';

const full: IncidentsQuery = {
  refId: 'A',
  hide: true,
  queryType: 'incidents',
  signatures: ['curl-dns'],
  sources: ['nodeman'],
  severities: ['high'],
  states: ['active'],
  hosts: ['10.0.0.1'],
  clusters: ['c1'],
  matchers: [{ name: 'namespace', op: '=', value: 'blueking' }],
  incident: 'abc',
  limit: 5,
  language: 'en',
};

describe('fieldsFor', () => {
  const shown = (queryType: QueryType, view?: 'identity' | 'evidence') => [...fieldsFor({ queryType, view })].sort();

  it.each<[QueryType, string]>([
    ['incidents', 'clusters hosts incident language limit live matchers severities signatures sources states view'],
    ['annotations', 'clusters hosts language matchers severities signatures sources stat states'],
    ['alert', 'clusters hosts matchers severities signatures sources view'],
    ['count', 'clusters hosts live matchers severities signatures sources stat'],
    ['evidence', 'clusters hosts incident limit live matchers severities signatures sources states'],
    ['steps', 'incident language signatures'],
    ['signatures', 'language severities signatures sources'],
    ['health', 'sources'],
    ['timeline', 'clusters hosts language matchers severities signatures sources stat states'],
    ['unmatched', 'language limit matchers sources stat'],
  ])('%s shows %s', (type, fields) => {
    expect(shown(type).join(' ')).toBe(fields);
  });

  it('offers a language where the labels of an alert are texts', () => {
    expect(shown('alert', 'evidence')).toContain('language');
    expect(shown('alert', 'identity')).not.toContain('language');
  });

  it('never filters an alert or a count by state: their rows end by themselves', () => {
    expect(shown('alert')).not.toContain('states');
    expect(shown('count')).not.toContain('states');
  });

  it('shows nothing for a type of a later release', () => {
    expect(fieldsFor({ queryType: 'unheard-of' as QueryType }).size).toBe(0);
  });

  it('knows whether a row has anything to show', () => {
    expect(filterRow(fieldsFor({ queryType: 'health' }))).toBe(true);
    expect(refineRow(fieldsFor({ queryType: 'health' }))).toBe(false);
    expect(filterRow(variableFieldsFor({ queryType: 'hosts' }))).toBe(false);
  });
});

describe('changeType', () => {
  it.each(QUERY_TYPES)('leaves no field behind that %s does not show', (type) => {
    const { refId, hide, queryType, ...rest } = changeType(full, type);
    expect([refId, hide, queryType]).toEqual(['A', true, type]);
    const fields: ReadonlySet<string> = fieldsFor({ queryType: type, view: rest.view });
    expect(Object.keys(rest).filter((key) => !fields.has(key))).toEqual([]);
  });

  it('sets what the new type needs', () => {
    expect(changeType(full, 'alert').view).toBe('identity');
    expect(changeType({ ...full, view: 'brief' }, 'alert').view).toBe('identity');
    expect(changeType(full, 'incidents').view).toBe('brief');
    expect(changeType(full, 'count').stat).toBe('active');
    expect(changeType(full, 'unmatched').stat).toBe('clusters');
    expect(changeType(full, 'unmatched', CoreApp.UnifiedAlerting).stat).toBe('coverage');
    expect(changeType(full, 'steps')).toEqual({
      refId: 'A',
      hide: true,
      queryType: 'steps',
      incident: 'abc',
      signatures: ['curl-dns'],
      language: 'en',
    });
  });

  it.each(VARIABLE_TYPES)('does the same for a variable that lists %s', (type) => {
    const { refId, hide, queryType, ...rest } = changeVariableType({ ...full, queryType: 'incidents' }, type);
    const fields: ReadonlySet<string> = variableFieldsFor({ queryType: type });
    expect([refId, hide, queryType]).toEqual(['A', true, type]);
    expect(Object.keys(rest).filter((key) => !fields.has(key))).toEqual([]);
  });
});

describe('changeQuery', () => {
  it('keeps the view of a health query, which a rule needs and no field shows', () => {
    const query: IncidentsQuery = { refId: 'A', queryType: 'health', view: 'identity', sources: ['nodeman'] };
    expect(changeQuery(query, { sources: ['agent'] })).toEqual({ ...query, sources: ['agent'] });
  });

  it('removes a filter that was emptied', () => {
    expect(changeQuery(full, { signatures: [], incident: '', limit: undefined })).toEqual({
      refId: 'A',
      hide: true,
      queryType: 'incidents',
      sources: ['nodeman'],
      severities: ['high'],
      states: ['active'],
      hosts: ['10.0.0.1'],
      clusters: ['c1'],
      matchers: full.matchers,
      language: 'en',
    });
  });

  it('forgets the language when the view no longer has texts', () => {
    const query: IncidentsQuery = { refId: 'A', queryType: 'alert', view: 'evidence', language: 'en' };
    expect(changeQuery(query, { view: 'identity' })).toEqual({ refId: 'A', queryType: 'alert', view: 'identity' });
  });
});

describe('queryTypesFor', () => {
  it('offers an alert rule only what it can evaluate', () => {
    expect(queryTypesFor(CoreApp.UnifiedAlerting, 'alert')).toEqual(['alert', 'count', 'health', 'unmatched']);
  });

  it('leaves annotations to their own editor', () => {
    expect(queryTypesFor(CoreApp.Dashboard, 'incidents')).not.toContain('annotations');
  });

  it('always contains the current type', () => {
    expect(queryTypesFor(CoreApp.UnifiedAlerting, 'evidence')).toContain('evidence');
    expect(queryTypesFor(CoreApp.Dashboard, 'annotations')).toContain('annotations');
  });
});

describe('hintFor', () => {
  it.each<[string, Partial<IncidentsQuery>, CoreApp, string | undefined]>([
    ['a table in an alert rule', { queryType: 'incidents' }, CoreApp.UnifiedAlerting, 'alert-needs-numbers'],
    ['numbers in an alert rule', { queryType: 'count' }, CoreApp.UnifiedAlerting, undefined],
    ['a list of errors in an alert rule', { queryType: 'unmatched' }, CoreApp.UnifiedAlerting, 'alert-needs-numbers'],
    ['error lines in an alert rule', { queryType: 'unmatched', stat: 'lines' }, CoreApp.UnifiedAlerting, undefined],
    ['a table in a panel', { queryType: 'incidents' }, CoreApp.Dashboard, undefined],
    ['steps of nothing', { queryType: 'steps' }, CoreApp.Dashboard, 'steps-need-subject'],
    ['changes before nothing', { queryType: 'changes' }, CoreApp.Explore, 'changes-need-incident'],
    ['changes before an incident', { queryType: 'changes', incident: 'x' }, CoreApp.Explore, undefined],
    ['an explanation of nothing', { queryType: 'explain', line: ' ' }, CoreApp.Explore, 'explain-needs-line'],
    ['an explanation of a line', { queryType: 'explain', line: 'x' }, CoreApp.Explore, undefined],
    ['steps of an incident', { queryType: 'steps', incident: 'x' }, CoreApp.Dashboard, undefined],
  ])('%s', (_, query, app, hint) => {
    expect(hintFor({ refId: 'A', queryType: 'incidents', ...query }, app)).toBe(hint);
  });
});

describe('emptyMeansAll', () => {
  it.each<[QueryType, boolean]>([
    ['incidents', true],
    ['signatures', true],
    ['health', true],
    ['steps', false],
  ])('%s: %s', (queryType, all) => {
    expect(emptyMeansAll(fieldsFor({ queryType }))).toBe(all);
  });
});

describe('isRunnable', () => {
  it.each<[Partial<IncidentsQuery>, boolean]>([
    [{ queryType: 'steps' }, false],
    [{ queryType: 'steps', signatures: [] }, false],
    [{ queryType: 'steps', signatures: ['curl-dns'] }, true],
    [{ queryType: 'incidents' }, true],
    // The backend refuses it in words; silence would look like "no incidents".
    [{ queryType: 'unheard-of' as QueryType }, true],
  ])('%j: %s', (query, runs) => {
    expect(isRunnable({ refId: 'A', queryType: 'incidents', ...query })).toBe(runs);
  });
});
