import { locationUtil, urlUtil } from '@grafana/data';

/** The address of Explore with a LogQL query; times in epoch milliseconds. */
export function exploreUrl(lokiUid: string, expr: string, range: { from: number; to: number }): string {
  const datasource = { type: 'loki', uid: lokiUid };
  const pane = {
    datasource: lokiUid,
    queries: [{ refId: 'A', datasource, expr, queryType: 'range' }],
    range: { from: String(range.from), to: String(range.to) },
  };
  const panes = JSON.stringify({ loki: pane });
  return locationUtil.assureBaseUrl(urlUtil.renderUrl('/explore', { schemaVersion: 1, panes }));
}
