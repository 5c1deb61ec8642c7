import { CoreApp } from '@grafana/data';

import { annotationQuery, completeQuery, defaultQuery } from './defaults';

describe('defaultQuery', () => {
  it.each([CoreApp.Dashboard, CoreApp.PanelEditor, CoreApp.Explore, undefined])('lists incidents in %s', (app) => {
    expect(defaultQuery(app)).toEqual({ queryType: 'incidents' });
  });

  it.each([CoreApp.UnifiedAlerting, CoreApp.CloudAlerting])('gives numbers to an alert rule (%s)', (app) => {
    expect(defaultQuery(app)).toEqual({ queryType: 'alert', view: 'identity' });
  });
});

describe('completeQuery', () => {
  it('gives the empty query of Explore a type', () => {
    expect(completeQuery({ refId: 'A' })).toEqual({ refId: 'A', queryType: 'incidents' });
  });

  it('keeps what is there', () => {
    const query = { refId: 'A', queryType: 'count' as const, stat: 'lines' as const, signatures: ['curl-dns'] };
    expect(completeQuery(query)).toEqual(query);
  });

  it('accepts a single value without brackets, as people write it by hand', () => {
    const written = JSON.parse('{"refId":"A","queryType":"evidence","signatures":"curl-dns","hosts":""}');
    expect(completeQuery(written)).toEqual({
      refId: 'A',
      queryType: 'evidence',
      signatures: ['curl-dns'],
      hosts: [],
    });
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
