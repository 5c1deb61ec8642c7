import {
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  dateTime,
  LogRowContextQueryDirection,
  type LogRowContextOptions,
  type LogRowModel,
  type TimeRange,
} from '@grafana/data';

import type { IncidentsQuery } from '../types';

/** How far before and after a line its context is looked for, in ms. */
const REACH = 2 * 60 * 60 * 1000;
const LINES = 100;

/** The query for the lines of the same stream beside a line of evidence; without a direction, those up to the end of the range. */
export function contextQuery(row: LogRowModel, { direction, limit }: LogRowContextOptions = {}): IncidentsQuery {
  const after = direction === LogRowContextQueryDirection.Forward;
  return {
    refId: `context-${row.dataFrame.refId ?? ''}`,
    queryType: 'context',
    matchers: Object.entries(row.labels).map(([name, value]) => ({ name, op: '=', value })),
    limit: limit ?? LINES,
    ...(direction && { view: after ? 'after' : 'before' }),
  };
}

/** The request for one direction. Ranges have milliseconds: the line itself is in both, and Grafana leaves out what it has. */
export function contextRequest(row: LogRowModel, options: LogRowContextOptions = {}): DataQueryRequest<IncidentsQuery> {
  const direction = options.direction ?? LogRowContextQueryDirection.Backward;
  const at = row.timeEpochMs;
  const range =
    direction === LogRowContextQueryDirection.Forward ? between(at, at + REACH) : between(at - REACH, at + 1);
  const query = contextQuery(row, { ...options, direction });
  return {
    app: CoreApp.Explore,
    requestId: `${query.refId}-${direction}`,
    interval: '1s',
    intervalMs: 1000,
    range,
    scopedVars: {},
    startTime: Date.now(),
    targets: [query],
    timezone: 'browser',
  };
}

function between(from: number, to: number): TimeRange {
  const range = { from: dateTime(from), to: dateTime(to) };
  return { ...range, raw: range };
}

/**
 * Leaves the line out that the context is of. Grafana does so by time and text, but the text of evidence is the part
 * that was understood, and that of context all that the line says.
 */
export function withoutRow(response: DataQueryResponse, row: LogRowModel): DataQueryResponse {
  const raw = valueOf(row.dataFrame, 'line', row.rowIndex);
  return { ...response, data: response.data.map((frame: DataFrame) => dropRow(frame, row.timeEpochNs, raw)) };
}

function dropRow(frame: DataFrame, ns: string, raw: unknown): DataFrame {
  const time = frame.fields.find(({ name }) => name === 'timestamp');
  const keep: number[] = [];
  for (let i = 0; i < frame.length; i++) {
    const at = `${time?.values[i]}${String(time?.nanos?.[i] ?? 0).padStart(6, '0')}`;
    if (at !== ns || valueOf(frame, 'line', i) !== raw) {
      keep.push(i);
    }
  }
  if (keep.length === frame.length) {
    return frame;
  }
  const fields = frame.fields.map((field) => ({
    ...field,
    values: keep.map((i) => field.values[i]),
    ...(field.nanos && { nanos: keep.map((i) => field.nanos![i]) }),
  }));
  return { ...frame, fields, length: keep.length };
}

function valueOf(frame: DataFrame, name: string, index: number): unknown {
  return frame.fields.find((field) => field.name === name)?.values[index];
}
