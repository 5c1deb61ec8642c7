import { CoreApp } from '@grafana/data';

import { QUERY_TYPES } from '../types';
import { defaultQuery } from './defaults';
import { annotationQuery, upgradeQuery, upgradeVariableQuery } from './upgrade';

describe('upgradeQuery', () => {
  it('gives the empty query of Explore a type', () => {
    expect(upgradeQuery({ refId: 'A' })).toEqual({ refId: 'A', queryType: 'incidents' });
  });

  it('keeps what is there, also what a later release may have stored', () => {
    const later = JSON.parse(
      '{"refId":"A","queryType":"count","stat":"lines","signatures":["curl-dns"],"groupBy":["host"],"nested":{"a":[1]}}'
    );
    expect(upgradeQuery(later)).toEqual(later);
  });

  it('accepts a single value without brackets, as people write it by hand', () => {
    const written = JSON.parse('{"refId":"A","queryType":"evidence","signatures":"curl-dns","hosts":""}');
    expect(upgradeQuery(written)).toEqual({
      refId: 'A',
      queryType: 'evidence',
      signatures: ['curl-dns'],
      hosts: [],
    });
  });

  it.each(QUERY_TYPES)('keeps %s alone from the query of a new panel, with which Grafana completes it', (queryType) => {
    const completed = { ...defaultQuery(CoreApp.PanelEditor), refId: 'A', queryType };
    expect(upgradeQuery(completed)).toEqual(queryType === 'incidents' ? completed : { refId: 'A', queryType });
  });

  it('changes nothing the second time, and never what it was given', () => {
    const stored = Object.freeze(JSON.parse('{"refId":"A","severities":"high","later":true}'));
    const once = upgradeQuery(stored);
    expect(upgradeQuery(once)).toEqual(once);
    expect(stored).toEqual({ refId: 'A', severities: 'high', later: true });
  });
});

describe('annotationQuery', () => {
  it('keeps the filters and insists on the type', () => {
    expect(annotationQuery({ refId: 'X', queryType: 'incidents', severities: ['high'] })).toEqual({
      refId: 'X',
      queryType: 'annotations',
      severities: ['high'],
    });
  });

  it('works for an annotation without a stored query', () => {
    expect(annotationQuery(undefined)).toEqual({ refId: 'Anno', queryType: 'annotations' });
  });
});

describe('upgradeVariableQuery', () => {
  it.each([undefined, {}, ''])('starts a new variable with signatures (%j)', (stored) => {
    expect(upgradeVariableQuery(stored as {})).toEqual({ refId: 'Variable', queryType: 'signatures' });
  });

  it('keeps filters and unknown keys', () => {
    const stored = JSON.parse('{"refId":"V","queryType":"incidents","states":"active","sort":"title"}');
    expect(upgradeVariableQuery(stored)).toEqual({
      refId: 'V',
      queryType: 'incidents',
      states: ['active'],
      sort: 'title',
    });
  });
});
