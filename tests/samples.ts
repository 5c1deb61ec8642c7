import type { ReadProvisionedDataSourceArgs } from '@grafana/plugin-e2e';

/** The data source that needs no Loki. Its samples repeat every day, so the last 24 hours always hold incidents. */
export const SAMPLES: ReadProvisionedDataSourceArgs = {
  fileName: 'datasources.yaml',
  name: 'BlueKing Incidents (samples)',
};

export const LAST_DAY = { from: 'now-24h', to: 'now' };
