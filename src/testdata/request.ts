import { CoreApp, type DataQueryRequest, dateTime } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

/** A request of a dashboard over the last hour. */
export function aRequest<Q extends DataQuery>(
  targets: Q[],
  more: Partial<DataQueryRequest<Q>> = {}
): DataQueryRequest<Q> {
  return {
    app: CoreApp.Dashboard,
    requestId: 'Q1',
    timezone: 'utc',
    startTime: 0,
    interval: '1m',
    intervalMs: 60000,
    range: { from: dateTime(0), to: dateTime(3600_000), raw: { from: 'now-1h', to: 'now' } },
    targets,
    scopedVars: {},
    ...more,
  };
}
