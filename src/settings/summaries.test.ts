import { aDataSource } from '../testdata/settings';
import type { IncidentsJsonData } from '../types';
import { completeSettings } from './defaults';
import { authSummary, limitsSummary, signaturesSummary, textsSummary } from './summaries';

describe('summaries', () => {
  it('name the method, the user and what else identifies Grafana, and no secret', () => {
    expect(authSummary(aDataSource({}), 'NoAuth')).toBe('No authentication');
    const jsonData = { tlsAuthWithCACert: true, tlsSkipVerify: false, httpHeaderName1: 'X-A', httpHeaderName2: 'X-B' };
    const options = aDataSource(jsonData as IncidentsJsonData, {
      basicAuthUser: 'me',
      secureJsonData: { basicAuthPassword: 'pw' },
    });
    expect(authSummary(options, 'BasicAuth')).toBe('Basic authentication · me · Own authority · HTTP headers: 2');
  });

  it('name language, version and where raw lines open', () => {
    expect(textsSummary(completeSettings({}))).toBe('中文 · BlueKing 7.2 · no links to raw lines');
    const settings = completeSettings({ language: 'en', bluekingVersion: '7.1', lokiUid: 'P8E' });
    expect(textsSummary(settings, 'Loki')).toBe('English · BlueKing 7.1 · raw lines open in Loki');
    expect(textsSummary(settings)).toContain('P8E');
  });

  it('name the limits that differ from the defaults', () => {
    expect(limitsSummary({})).toBe('Defaults');
    expect(limitsSummary({ lateness: '10m', maxLines: 100000 })).toBe('Defaults');
    expect(limitsSummary({ lateness: '', parallel: 8, queryTimeout: '5m' })).toBe(
      'Query timeout 5m · Parallel requests 8'
    );
  });

  it.each([
    ['', 'None: only the built-in catalogue is used'],
    ['apiVersion: bkincidents/v1\nid: mine\n', 'Signatures of your own: 1'],
    ['---\nid: a\n---\nid: b\nterms:\n  id: x\n', 'Signatures of your own: 2'],
  ])('count signatures (%j)', (yaml, summary) => {
    expect(signaturesSummary(yaml)).toBe(summary);
  });
});
