import { type DataSourceInstanceSettings, type DataSourcePluginMeta, type ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

import { DataSource } from '../datasource';
import pluginJson from '../plugin.json';
import type { Format } from '../query/interpolate';
import type { IncidentsJsonData, Signature } from '../types';

export const catalogue: Signature[] = [
  {
    id: 'curl-dns',
    title: '域名无法解析',
    severity: 'high',
    class: 'environment',
    family: 'dns',
    sources: ['nodeman'],
    status: 'active',
  },
  {
    id: 'gse-not-connected',
    title: 'Agent 未连接',
    severity: 'critical',
    class: 'environment',
    family: 'gse',
    sources: ['agent', 'nodeman'],
    status: 'active',
  },
];

/** Replaces $name by the value of a scoped variable, and knows one dashboard variable. */
const templates: TemplateSrv = {
  getVariables: () => [{ type: 'query', name: 'signature' } as ReturnType<TemplateSrv['getVariables']>[number]],
  replace: (text = '', scopedVars: ScopedVars = {}, format?: string | Function) =>
    text.replace(/\$(\w+)/g, (whole, name) => {
      const value: string | string[] | undefined = scopedVars[name]?.value;
      return value === undefined ? whole : typeof format === 'function' ? (format as Format)(value) : String(value);
    }),
  containsTemplate: (text = '') => text.includes('$'),
  updateTimeRange: () => undefined,
};

const RESOURCES: Record<string, unknown> = {
  signatures: catalogue,
  hosts: ['10.0.0.1', '10.0.0.2'],
  clusters: ['bk-prod'],
  'labels/pod/values': ['bk-nodeman-0'],
};

/** A data source that answers resource calls from a table and never queries a backend. */
export function aDatasource(jsonData: IncidentsJsonData = {}): DataSource {
  const settings: DataSourceInstanceSettings<IncidentsJsonData> = {
    id: 1,
    uid: 'incidents',
    type: pluginJson.id,
    name: pluginJson.name,
    meta: { id: pluginJson.id } as DataSourcePluginMeta,
    access: 'proxy',
    readOnly: false,
    jsonData,
  };
  const datasource = new DataSource(settings, templates);
  datasource.getResource = jest.fn(async (path: string) => {
    if (!(path in RESOURCES)) {
      throw new Error(`no resource ${path}`);
    }
    return RESOURCES[path];
  }) as DataSource['getResource'];
  return datasource;
}
