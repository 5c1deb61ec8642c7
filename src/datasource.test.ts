import {
  CoreApp,
  createDataFrame,
  type DataSourceApi,
  dateTime,
  FieldType,
  hasLogsContextSupport,
  hasQueryModificationSupport,
  hasSupplementaryQuerySupport,
  hasToggleableQueryFiltersSupport,
  type LogRowModel,
  SupplementaryQueryType,
} from '@grafana/data';
import { config, DataSourceWithBackend } from '@grafana/runtime';
import { lastValueFrom, of } from 'rxjs';

import type { DataSource } from './datasource';
import { aDatasource, catalogue } from './testdata/datasource';
import { aRequest } from './testdata/request';
import type { IncidentsQuery } from './types';

afterEach(() => jest.restoreAllMocks());

describe('DataSource', () => {
  it('shows the lines around one of evidence', async () => {
    const answer = createDataFrame({ fields: [{ name: 'body', type: FieldType.string, values: ['x'] }] });
    const query = jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [answer] }));
    const datasource: unknown = aDatasource();
    if (!hasLogsContextSupport(datasource)) {
      throw new Error('Grafana shows no context');
    }
    const row = { dataFrame: answer, rowIndex: 0, timeEpochMs: 5, timeEpochNs: '5000000', labels: { app: 'a' } };
    const { data } = await datasource.getLogRowContext(row as unknown as LogRowModel);
    expect(data[0].length).toBe(1);
    expect(query.mock.calls[0][0].targets).toMatchObject([{ queryType: 'context', view: 'before' }]);
  });

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
    await lastValueFrom(
      aDatasource().query(aRequest([steps, table], { scopedVars: { incident: { text: '', value: '' } } }))
    );
    expect(sent.mock.calls[0][0].targets).toEqual([table]);
  });
});

describe('dashboard-wide filters', () => {
  const filtered = async (operator: string, value: string) => {
    const sent = jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [] }));
    const table: IncidentsQuery = { refId: 'A', queryType: 'incidents', signatures: ['curl-dns'] };
    const datasource = aDatasource();
    const filters = [{ key: 'signature', operator, value }];
    await lastValueFrom(datasource.query(aRequest([table], { filters })));
    const { targets, scopedVars } = sent.mock.calls[0][0];
    return {
      datasource,
      lists: targets.map(
        (target) => datasource.applyTemplateVariables(target as IncidentsQuery, scopedVars, filters).signatures
      ),
    };
  };

  it('fetch the catalogue when they have to know it', async () => {
    const { datasource, lists } = await filtered('!~', 'gse-.*');
    expect(datasource.getResource).toHaveBeenCalledWith('signatures', expect.anything());
    expect(lists).toEqual([['curl-dns']]);
  });

  it('send nothing when they leave nothing', async () => {
    expect((await filtered('=', 'gse-not-connected')).lists).toEqual([]);
  });
});

describe('languages', () => {
  const query: IncidentsQuery = { refId: 'A', queryType: 'incidents' };

  const speak = (language: string) =>
    jest.replaceProperty(config, 'bootData', { user: { language } } as typeof config.bootData);

  it("are the user's, unless a query has one of its own", async () => {
    speak('zh-Hans');
    const datasource = aDatasource({ language: 'en' });
    expect(datasource.applyTemplateVariables(query, {}).language).toBe('zh');
    expect(datasource.applyTemplateVariables({ ...query, language: 'en' }, {}).language).toBe('en');
    await datasource.signatures();
    expect(datasource.getResource).toHaveBeenCalledWith('signatures', { language: 'zh' });
  });

  it("are left to the data source where the user's is none of ours", () => {
    speak('fr-FR');
    expect(aDatasource().applyTemplateVariables(query, {}).language).toBeUndefined();
  });
});

describe('Explore', () => {
  it('finds what it looks for in a data source', () => {
    // Grafana's guards know data sources in general.
    const datasource = aDatasource() as unknown as DataSourceApi;
    expect(hasSupplementaryQuerySupport(datasource, SupplementaryQueryType.LogsVolume)).toBe(true);
    expect(hasSupplementaryQuerySupport(datasource, SupplementaryQueryType.LogsSample)).toBe(true);
    expect(hasToggleableQueryFiltersSupport(datasource)).toBe(true);
    expect(hasQueryModificationSupport(datasource)).toBe(true);
  });

  it('gets a volume for evidence, and coloured frames for it', async () => {
    const datasource = aDatasource();
    const evidence = aRequest<IncidentsQuery>([{ refId: 'A', queryType: 'evidence' }]);
    const volume = datasource.getSupplementaryRequest(SupplementaryQueryType.LogsVolume, evidence);
    expect(volume?.targets).toEqual([{ refId: 'log-volume-A', queryType: 'timeline', stat: 'levels' }]);
    const levels = createDataFrame({
      refId: 'log-volume-A',
      fields: [
        { name: 'time', type: FieldType.time, values: [1] },
        { name: 'value', type: FieldType.number, values: [1], labels: { level: 'error' } },
        { name: 'value', type: FieldType.number, values: [2], labels: { level: 'critical' } },
      ],
    });
    jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of({ data: [levels] }));
    expect((await lastValueFrom(datasource.query(volume!))).data).toHaveLength(2);
  });

  it('toggles and adds filters of a query that has no type yet', () => {
    const datasource = aDatasource();
    const fresh = { refId: 'A' } as IncidentsQuery;
    const only = datasource.toggleQueryFilter(fresh, { type: 'FILTER_FOR', options: { key: 'pod', value: 'a' } });
    expect(only.matchers).toEqual([{ name: 'pod', op: '=', value: 'a' }]);
    expect(datasource.queryHasFilter(only, { key: 'pod', value: 'a' })).toBe(true);
    expect(datasource.modifyQuery(fresh, { type: 'ADD_FILTER', options: { key: 'pod', value: 'a' } })).toEqual(only);
  });
});

describe('resources', () => {
  it('sends a plan with the variables replaced', async () => {
    const datasource = aDatasource();
    datasource.postResource = jest.fn(async () => []) as DataSource['postResource'];
    const range = { from: dateTime(0), to: dateTime(1), raw: { from: 'now-1h', to: 'now' } };
    await datasource.plan({ refId: 'A', queryType: 'incidents', hosts: ['h1', 'h1'] }, range);
    expect(datasource.postResource).toHaveBeenCalledWith(
      'plan',
      expect.objectContaining({ queryType: 'incidents', hosts: ['h1'] }),
      { params: { from: 0, to: 1 } }
    );
  });

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
    expect((await datasource.getTagKeys()).map(({ text }) => text).slice(0, 4)).toEqual([
      'signature',
      'severity',
      'env',
      'node',
    ]);
    expect(await datasource.getTagValues({ key: 'signature', filters: [] })).toContainEqual({ text: 'curl-dns' });
    expect(await datasource.getTagValues({ key: 'severity', filters: [] })).toContainEqual({ text: 'critical' });
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

  it('are upgraded where Grafana reads them, whatever else they hold', () => {
    const stored = { name: 'Incidents', enable: true, iconColor: 'red', filter: { ids: [1] } };
    expect(aDatasource().annotations?.prepareAnnotation?.({ ...stored, target: { severities: 'high' } })).toEqual({
      ...stored,
      target: { refId: 'Anno', queryType: 'annotations', severities: ['high'] },
    });
  });
});
