import { CoreApp, type DataQueryRequest, dateTime } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { lastValueFrom, of } from 'rxjs';

import { aDatasource, catalogue } from './testdata/datasource';
import type { IncidentsQuery } from './types';

const range = { from: dateTime(0), to: dateTime(1), raw: { from: 'now-1h', to: 'now' } };

function request(targets: IncidentsQuery[], scopedVars = {}): DataQueryRequest<IncidentsQuery> {
  return {
    app: CoreApp.Dashboard,
    requestId: 'Q1',
    timezone: 'utc',
    startTime: 0,
    interval: '1m',
    intervalMs: 60000,
    range,
    targets,
    scopedVars,
  };
}

afterEach(() => jest.restoreAllMocks());

describe('DataSource', () => {
  it('completes its settings', () => {
    expect(aDatasource({ clusterLabel: 'env' }).settings).toMatchObject({ clusterLabel: 'env', store: 'loki' });
  });

  it('starts an alert rule with numbers', () => {
    expect(aDatasource().getDefaultQuery(CoreApp.UnifiedAlerting).queryType).toBe('alert');
  });

  it('does not run steps of nothing', () => {
    expect(aDatasource().filterQuery({ refId: 'A', queryType: 'steps' })).toBe(false);
    expect(aDatasource().filterQuery({ refId: 'A', queryType: 'incidents' })).toBe(true);
  });

  it('replaces scoped variables and adds ad hoc filters', () => {
    const query: IncidentsQuery = { refId: 'A', queryType: 'incidents', signatures: ['$signature'] };
    const scopedVars = { signature: { text: 'both', value: ['curl-dns', 'curl-404'] } };
    const filters = [{ key: 'cluster', operator: '=', value: 'bk-prod' }];
    expect(aDatasource().applyTemplateVariables(query, scopedVars, filters)).toMatchObject({
      signatures: ['curl-dns', 'curl-404'],
      matchers: [{ name: 'cluster', op: '=', value: 'bk-prod' }],
    });
  });

  it('interpolates for Explore the way it does for panels', () => {
    const query: IncidentsQuery = { refId: 'A', queryType: 'evidence', incident: '$incident' };
    expect(
      aDatasource().interpolateVariablesInQueries([query], { incident: { text: '', value: 'abc~1' } })[0].incident
    ).toBe('abc~1');
  });

  it('skips a query whose variables leave nothing to ask for, and runs the others', async () => {
    const sent = jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [] }));
    const steps: IncidentsQuery = { refId: 'A', queryType: 'steps', incident: '$incident' };
    const table: IncidentsQuery = { refId: 'B', queryType: 'incidents' };
    await lastValueFrom(aDatasource().query(request([steps, table], { incident: { text: '', value: '' } })));
    expect(sent.mock.calls[0][0].targets).toEqual([table]);
  });
});

describe('resources', () => {
  it('asks for the catalogue once', async () => {
    const datasource = aDatasource();
    expect(await datasource.signatures()).toBe(catalogue);
    expect(await datasource.signatures()).toBe(catalogue);
    expect(datasource.getResource).toHaveBeenCalledTimes(1);
  });

  it('asks again after a failure', async () => {
    const datasource = aDatasource();
    jest.mocked(datasource.getResource).mockRejectedValueOnce(new Error('down'));
    await expect(datasource.signatures()).rejects.toThrow('down');
    expect(await datasource.signatures()).toBe(catalogue);
  });

  it('feeds the ad hoc filters', async () => {
    const datasource = aDatasource({ clusterLabel: 'env', hostLabels: ['node'] });
    expect((await datasource.getTagKeys()).slice(0, 2)).toEqual([{ text: 'env' }, { text: 'node' }]);
    expect(await datasource.getTagValues({ key: 'pod', filters: [] })).toEqual([{ text: 'bk-nodeman-0' }]);
  });

  it('escapes a label in a path', async () => {
    const datasource = aDatasource();
    await expect(datasource.labelValues('a/b')).rejects.toThrow('labels/a%2Fb/values');
  });

  it('offers the variables of the dashboard', () => {
    expect(aDatasource().variableNames()).toEqual(['$signature']);
  });
});

describe('annotations', () => {
  it('always ask for annotations', () => {
    const { annotations } = aDatasource();
    expect(annotations?.getDefaultQuery?.()).toEqual({ queryType: 'annotations' });
    expect(
      annotations?.prepareQuery?.({
        name: 'Incidents',
        enable: true,
        iconColor: 'red',
        target: { refId: 'Anno', queryType: 'incidents', severities: ['high'] },
      })
    ).toEqual({ refId: 'Anno', queryType: 'annotations', severities: ['high'] });
  });
});
