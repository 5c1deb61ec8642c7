import {
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  FieldType,
  type SupplementaryQueryOptions,
  SupplementaryQueryType,
} from '@grafana/data';

import type { IncidentsQuery, QueryType } from '../types';
import { changeType } from './fields';

export const SUPPLEMENTARY_TYPES = [SupplementaryQueryType.LogsVolume, SupplementaryQueryType.LogsSample];

/** Explore finds the query that a volume belongs to behind this prefix (grafana: logsModel.ts, queryLogsVolume). */
const VOLUME = 'log-volume-';
const SAMPLE = 'log-sample-';

/** Answers without lines of their own, whose lines are worth a look. */
const SAMPLED: readonly QueryType[] = ['incidents', 'count', 'timeline', 'alert'];

/** The query that Explore shows beside another: the histogram of log lines, or some lines of a table or graph. */
export function supplementaryQuery(
  options: SupplementaryQueryOptions,
  query: IncidentsQuery
): IncidentsQuery | undefined {
  if (query.hide) {
    return undefined;
  }
  const incident = query.incident ? { incident: query.incident } : {};
  if (options.type === SupplementaryQueryType.LogsVolume && query.queryType === 'evidence') {
    return { ...changeType(query, 'timeline'), ...incident, stat: 'levels', refId: VOLUME + query.refId };
  }
  if (options.type === SupplementaryQueryType.LogsSample && SAMPLED.includes(query.queryType)) {
    return { ...changeType(query, 'evidence'), ...incident, limit: options.limit ?? 100, refId: SAMPLE + query.refId };
  }
  return undefined;
}

/** Undefined when no query of the request has anything to show beside it. */
export function supplementaryRequest(
  type: SupplementaryQueryType,
  request: DataQueryRequest<IncidentsQuery>,
  options: SupplementaryQueryOptions = { type }
): DataQueryRequest<IncidentsQuery> | undefined {
  const targets = request.targets.flatMap((query) => supplementaryQuery(options, query) ?? []);
  // Explore writes its interval into the scoped variables of a volume request.
  return targets.length > 0 ? { ...request, scopedVars: { ...request.scopedVars }, targets } : undefined;
}

/** Explore colours a volume frame by the first series in it, so each series gets a frame of its own. */
export function splitVolumes(response: DataQueryResponse): DataQueryResponse {
  return { ...response, data: response.data.flatMap((frame) => (isVolume(frame) ? bySeries(frame) : [frame])) };
}

function isVolume(frame: DataFrame): boolean {
  return Boolean(frame.refId?.startsWith(VOLUME));
}

function bySeries(frame: DataFrame): DataFrame[] {
  const time = frame.fields.filter(({ type }) => type === FieldType.time);
  return frame.fields
    .filter(({ type }) => type === FieldType.number)
    .map((series) => ({ ...frame, fields: [...time, series] }));
}
