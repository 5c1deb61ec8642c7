import pluginJson from './plugin.json';
import { DEFAULT_SETTINGS, type IncidentsQuery } from './types';

describe('the contract with the backend', () => {
  it('keeps the keys of the settings', () => {
    expect(Object.keys(DEFAULT_SETTINGS)).toEqual([
      'store',
      'tenant',
      'sources',
      'hostLabels',
      'clusterLabel',
      'language',
      'bluekingVersion',
      'lokiUid',
      'lateness',
      'lookbackMax',
      'maxLines',
      'maxBytes',
      'requestTimeout',
      'queryTimeout',
      'pageLimit',
      'parallel',
      'signatures',
    ]);
  });

  it('writes the default selectors as Loki reads them', () => {
    expect(DEFAULT_SETTINGS.sources.map(({ selector }) => selector)).toContain(
      String.raw`{filename=~".*[/\\\\]nm\\.(setup_\\w+|nohup).*", filename!~".*\\.(debug|report_log.*)"}`
    );
  });

  it('keeps the keys of a query', () => {
    // A type error here means that a key changed.
    const query: Required<Omit<IncidentsQuery, 'hide' | 'key' | 'datasource'>> = {
      refId: 'A',
      queryType: 'incidents',
      signatures: [],
      sources: [],
      severities: [],
      hosts: [],
      clusters: [],
      states: [],
      matchers: [{ name: 'namespace', op: '=', value: 'blueking' }],
      view: 'identity',
      stat: 'active',
      incident: '',
      line: '',
      limit: 1,
      language: 'zh',
      live: true,
    };
    expect(JSON.parse(JSON.stringify(query))).toEqual(query);
  });
});

describe('plugin.json', () => {
  it('names the plugin and its executable', () => {
    expect(pluginJson).toMatchObject({
      id: 'blueking-incidents-datasource',
      name: 'BlueKing Incidents',
      executable: 'gpx_blueking_incidents',
      backend: true,
      alerting: true,
      annotations: true,
      logs: true,
      metrics: true,
      dependencies: { grafanaDependency: '>=11.6.0-0' },
    });
  });
});
