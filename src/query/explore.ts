import { locationUtil, urlUtil } from '@grafana/data';

/** What a link to Explore can carry. A proxy in front of Grafana refuses a longer address: nginx's line has 8 KB. */
const LONGEST = 6000;

/** A stream selector at the start of a LogQL query; its values may hold braces. */
const SELECTOR = /^\{(?:[^"`}]|"(?:[^"\\]|\\.)*"|`[^`]*`)*\}/;

export interface ExploreLink {
  href: string;
  /** False when the link has the streams only, because the line filters did not fit. */
  whole: boolean;
}

/** A link to a LogQL query in Explore, times in epoch milliseconds; undefined when no address can carry even its streams. */
export function exploreLink(
  lokiUid: string,
  logql: string,
  range: { from: number; to: number }
): ExploreLink | undefined {
  const whole = exploreUrl(lokiUid, logql, range);
  if (whole.length <= LONGEST) {
    return { href: whole, whole: true };
  }
  const streams = exploreUrl(lokiUid, SELECTOR.exec(logql)?.[0] ?? '', range);
  return streams.length <= LONGEST ? { href: streams, whole: false } : undefined;
}

function exploreUrl(lokiUid: string, expr: string, range: { from: number; to: number }): string {
  const datasource = { type: 'loki', uid: lokiUid };
  const pane = {
    datasource: lokiUid,
    queries: [{ refId: 'A', datasource, expr, queryType: 'range' }],
    range: { from: String(range.from), to: String(range.to) },
  };
  const panes = JSON.stringify({ loki: pane });
  return locationUtil.assureBaseUrl(urlUtil.renderUrl('/explore', { schemaVersion: 1, panes }));
}
