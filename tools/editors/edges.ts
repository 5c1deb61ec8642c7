import type { DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import {
  type BackendSrv,
  type BackendSrvRequest,
  type DataSourceSrv,
  type TemplateSrv,
  setBackendSrv,
  setDataSourceSrv,
  setTemplateSrv,
} from '@grafana/runtime';
import { delay, of } from 'rxjs';

import { LABEL_VALUES, LINTED, NOT_SET_UP, RESOURCES, streamsOf } from './resources';

// Grafana hands plugins these services. Everything between them and the pixels is real.

function answer({ url, params }: BackendSrvRequest): unknown {
  const resource = url.replace(/^.*\/resources\//, '');
  if (resource === 'streams') {
    return url.includes('/new/') ? NOT_SET_UP : streamsOf(String(params?.selector));
  }
  if (resource === 'lint') {
    return LINTED;
  }
  return resource.startsWith('labels/') ? LABEL_VALUES : RESOURCES[resource];
}

const backend = {
  fetch: (request: BackendSrvRequest) => of({ data: answer(request) }).pipe(delay(10)),
} as unknown as BackendSrv;

const loki = {
  uid: 'loki',
  name: 'Loki (bk-prod)',
  type: 'loki',
  meta: { id: 'loki', info: { logos: { small: '' } } },
} as unknown as DataSourceInstanceSettings;

const dataSources = {
  getList: () => [loki],
  // Grafana means the default data source when it is asked for none.
  getInstanceSettings: (wanted?: unknown) =>
    [null, undefined, loki.uid, loki.name].includes(wanted as string) ? loki : undefined,
} as unknown as DataSourceSrv;

const templates = {
  getVariables: () => [{ name: 'cluster' }, { name: 'host' }, { name: 'incident' }],
  replace: (text = '', _: ScopedVars = {}) => text,
  containsTemplate: () => false,
  updateTimeRange: () => undefined,
} as unknown as TemplateSrv;

export function connectEdges() {
  setBackendSrv(backend);
  setDataSourceSrv(dataSources);
  setTemplateSrv(templates);
}
