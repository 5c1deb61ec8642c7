import {
  type DataFrame,
  dataFrameFromJSON,
  type DataFrameJSON,
  type DataQueryRequest,
  type DataQueryResponse,
  isLiveChannelMessageEvent,
  isLiveChannelStatusEvent,
  LiveChannelConnectionState,
  type LiveChannelEvent,
  LiveChannelScope,
  LoadingState,
  rangeUtil,
} from '@grafana/data';
import { catchError, defer, EMPTY, merge, mergeMap, type Observable, of, scan } from 'rxjs';

import type { IncidentsQuery, QueryType } from '../types';

/** The types whose answer the backend can keep up to date; as in pkg/plugin. */
export const LIVE_TYPES: readonly QueryType[] = ['incidents', 'count', 'evidence'];

/** Where a query is answered again and again: what the backend's resource `live` gives. */
export interface Channel {
  path: string;
  data: unknown;
}

/** What a channel sends: the new answer, and why it is not the whole truth. */
export interface Pushed {
  frame?: DataFrameJSON;
  error?: string;
}

/** The parts of the data source that a live query needs. */
export interface LiveSource {
  uid: string;
  run: (request: DataQueryRequest<IncidentsQuery>) => Observable<DataQueryResponse>;
  open: (query: IncidentsQuery, request: DataQueryRequest<IncidentsQuery>) => Promise<Channel>;
  follow: (address: Record<string, unknown>) => Observable<LiveChannelEvent<Pushed>>;
  /** What a notice says in front of the reason. */
  notLive: string;
}

type News = { kind: 'pushed'; refId: string; message: Pushed } | { kind: 'off'; refId: string; reason: string };
type Change = News | { kind: 'back' };

/**
 * The queries that are to be kept up to date: live ones of a range that ends now, and all while Explore's Live button is
 * on.
 */
export function liveTargets({ range, targets, liveStreaming }: DataQueryRequest<IncidentsQuery>): IncidentsQuery[] {
  const now = range?.raw.to === 'now';
  return targets.filter(({ live, queryType }) => LIVE_TYPES.includes(queryType) && (liveStreaming || (live && now)));
}

/**
 * The answer to a request, and a new one whenever the backend has found something else. After a lost connection all is
 * asked again: what was sent meanwhile did not arrive.
 */
export function liveAnswer(
  request: DataQueryRequest<IncidentsQuery>,
  live: IncidentsQuery[],
  source: LiveSource
): Observable<DataQueryResponse> {
  const answers = () => source.run({ ...request, range: rangeUtil.convertRawToRange(request.range.raw) });
  const changes = merge(...live.map((query) => follow(query, request, source))).pipe(
    mergeMap((change) => (change.kind === 'back' ? answers() : of(change)))
  );
  return merge(source.run(request), changes).pipe(
    scan<DataQueryResponse | News, DataQueryResponse>(
      (before, next) =>
        'kind' in next ? changed(before, next, source.notLive) : { ...next, state: LoadingState.Streaming },
      { data: [] }
    )
  );
}

function follow(query: IncidentsQuery, request: DataQueryRequest<IncidentsQuery>, source: LiveSource) {
  const { refId } = query;
  let connected = false;
  let lost = false;
  const changeOf = (event: LiveChannelEvent<Pushed>): Observable<Change> => {
    if (isLiveChannelMessageEvent(event)) {
      return of({ kind: 'pushed', refId, message: event.message });
    }
    if (!isLiveChannelStatusEvent(event)) {
      return EMPTY;
    }
    if (event.error) {
      return of({ kind: 'off', refId, reason: String(event.error) });
    }
    if (event.state !== LiveChannelConnectionState.Connected) {
      lost = connected;
      return EMPTY;
    }
    const back = lost;
    connected = true;
    lost = false;
    return back ? of({ kind: 'back' }) : EMPTY;
  };
  return defer(() => source.open(query, request)).pipe(
    mergeMap(({ path, data }) =>
      // Grafana calls the data source's part of the address namespace or stream, depending on its release.
      source.follow({ scope: LiveChannelScope.DataSource, namespace: source.uid, stream: source.uid, path, data })
    ),
    mergeMap(changeOf),
    catchError((error: { data?: { message?: string }; message?: string }) =>
      of<Change>({ kind: 'off', refId, reason: error?.data?.message ?? error?.message ?? String(error) })
    )
  );
}

/** A response with what has changed of one query. */
function changed(before: DataQueryResponse, change: News, notLive: string): DataQueryResponse {
  const { refId } = change;
  const others = before.data.filter((frame: DataFrame) => frame.refId !== refId);
  const errors = before.errors?.filter((error) => error.refId !== refId) ?? [];
  if (change.kind === 'off') {
    const text = `${notLive}: ${change.reason}`;
    const own = before.data.filter((frame: DataFrame) => frame.refId === refId).map((frame) => noticed(frame, text));
    return { ...before, data: [...others, ...own] };
  }
  const { frame, error } = change.message;
  return {
    ...before,
    data: frame ? [...others, { ...dataFrameFromJSON(frame), refId }] : others,
    errors: error ? [...errors, { message: error, refId }] : errors,
    state: LoadingState.Streaming,
  };
}

function noticed(frame: DataFrame, text: string): DataFrame {
  const notices = frame.meta?.notices?.filter((notice) => notice.text !== text) ?? [];
  return { ...frame, meta: { ...frame.meta, notices: [...notices, { severity: 'warning', text }] } };
}

/** What the resource `live` is asked with. */
export function channelRequest(
  query: IncidentsQuery,
  { range, intervalMs, maxDataPoints }: DataQueryRequest<IncidentsQuery>
) {
  return { query, span: range.to.diff(range.from), interval: intervalMs, points: maxDataPoints };
}
