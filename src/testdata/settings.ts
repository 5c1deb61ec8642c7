import type { Options } from '../settings/defaults';
import type { IncidentsJsonData } from '../types';

/** A data source as its configuration page gets it. */
export function aDataSource(jsonData: IncidentsJsonData, change: Partial<Options> = {}): Options {
  const options: Omit<Options, 'database'> = {
    id: 1,
    uid: 'incidents',
    orgId: 1,
    name: 'BlueKing Incidents',
    type: 'blueking-incidents-datasource',
    typeName: 'BlueKing Incidents',
    typeLogoUrl: '',
    access: 'proxy',
    url: 'http://loki:3100',
    user: '',
    basicAuth: false,
    basicAuthUser: '',
    isDefault: false,
    jsonData,
    secureJsonFields: {},
    readOnly: false,
    withCredentials: false,
    ...change,
  };
  // `database` is deprecated, and still required by the type.
  return options as Options;
}
