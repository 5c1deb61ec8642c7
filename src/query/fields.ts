import { CoreApp } from '@grafana/data';

import type { VariableQuery } from '../variables/model';
import { type IncidentsQuery, QUERY_TYPES, type QueryType, type Stat, type View } from '../types';
import { changeFields } from './change';
import { isAlerting } from './defaults';

/** The parts of a query that an editor can show. */
export type Field =
  | 'view'
  | 'stat'
  | 'signatures'
  | 'sources'
  | 'severities'
  | 'states'
  | 'hosts'
  | 'clusters'
  | 'matchers'
  | 'incident'
  | 'line'
  | 'limit'
  | 'language'
  | 'live';

const WHERE = ['sources', 'hosts', 'clusters', 'matchers'] as const;
const WHAT = ['signatures', 'severities'] as const;

const FIELDS: Record<QueryType, readonly Field[]> = {
  incidents: ['view', ...WHAT, 'states', ...WHERE, 'incident', 'limit', 'language', 'live'],
  annotations: ['stat', ...WHAT, 'states', ...WHERE, 'language'],
  alert: ['view', ...WHAT, ...WHERE, 'language'],
  count: ['stat', ...WHAT, ...WHERE, 'live'],
  evidence: [...WHAT, 'states', ...WHERE, 'incident', 'limit', 'live'],
  steps: ['incident', 'signatures', 'language'],
  signatures: [...WHAT, 'sources', 'language'],
  health: ['sources'],
  timeline: ['stat', ...WHAT, 'states', ...WHERE, 'language'],
  unmatched: ['stat', 'sources', 'matchers', 'limit', 'language'],
  hosts: [...WHAT, 'states', ...WHERE, 'incident', 'limit', 'language'],
  context: ['matchers', 'limit'],
  changes: ['incident', 'language'],
  explain: ['sources', 'line', 'language'],
  review: ['stat', 'matchers', 'language'],
};

const EVERY_FIELD: ReadonlySet<string> = new Set(Object.values(FIELDS).flat());

const VARIABLE_FIELDS: Record<VariableQuery['queryType'], readonly Field[]> = {
  signatures: ['severities', 'sources'],
  hosts: [],
  clusters: [],
  incidents: [...WHAT, 'states', ...WHERE, 'language'],
  steps: FIELDS.steps,
  logql: ['incident'],
};

const ALERT_TYPES: readonly QueryType[] = ['alert', 'count', 'health', 'unmatched'];

const VIEWS_OF: Partial<Record<QueryType, readonly View[]>> = {
  incidents: ['brief', 'all'],
  alert: ['identity', 'evidence'],
};

const STATS_OF: Partial<Record<QueryType, readonly Stat[]>> = {
  count: ['active', 'started', 'lines', 'hosts'],
  timeline: ['lines', 'active', 'levels'],
  unmatched: ['clusters', 'coverage', 'lines'],
  review: ['signatures', 'classes', 'causes', 'weeks', 'noise', 'never'],
};

/** What a query type can count; the first is its default. Kinds of errors are a table, of no use to an alert rule. */
export function statsFor(queryType: QueryType, app?: CoreApp): readonly Stat[] {
  const stats = STATS_OF[queryType] ?? [];
  return isAlerting(app) ? stats.filter((stat) => stat !== 'clusters') : stats;
}

/** The views of a type that an editor offers; the first is what it starts with. */
export function viewsFor(queryType: QueryType): readonly View[] {
  return VIEWS_OF[queryType] ?? [];
}

/** Whether the answer is a number for each row, which is all that an alert rule can use; as in pkg/query. */
function isNumeric({ queryType, stat }: Pick<IncidentsQuery, 'queryType' | 'stat'>): boolean {
  return queryType === 'unmatched' ? stat === 'coverage' || stat === 'lines' : ALERT_TYPES.includes(queryType);
}

/** The fields that change the answer to a query; an editor shows these and no others. */
export function fieldsFor(query: Pick<IncidentsQuery, 'queryType' | 'view'>): ReadonlySet<Field> {
  const fields = new Set<Field>(FIELDS[query.queryType] ?? []);
  if (query.queryType === 'alert' && query.view !== 'evidence') {
    // Labels that identify an incident are the same in every language.
    fields.delete('language');
  }
  return fields;
}

export function variableFieldsFor(query: Pick<VariableQuery, 'queryType'>): ReadonlySet<Field> {
  return new Set(VARIABLE_FIELDS[query.queryType] ?? []);
}

const REFINEMENTS: readonly Field[] = ['matchers', 'incident', 'line', 'limit', 'language'];
const SELECTS: readonly Field[] = ['signatures', 'severities', 'states', 'sources', 'clusters', 'hosts'];

/** Whether a select without a choice stands for everything. Not for steps, which need a subject. */
export function emptyMeansAll(fields: ReadonlySet<Field>): boolean {
  return SELECTS.filter((field) => fields.has(field)).join() !== 'signatures';
}

/** Whether the row of selects has anything to show. */
export function filterRow(fields: ReadonlySet<Field>): boolean {
  return SELECTS.some((field) => fields.has(field));
}

/** Whether the row below it has anything to show. */
export function refineRow(fields: ReadonlySet<Field>): boolean {
  return REFINEMENTS.some((field) => fields.has(field));
}

/**
 * Changes the type and forgets what does not apply to the new one: an alert rule sends its stored query to the
 * backend as it is, so a filter that nobody sees must not stay behind.
 */
export function changeType(query: IncidentsQuery, queryType: QueryType, app?: CoreApp): IncidentsQuery {
  const view = query.view && viewsFor(queryType).includes(query.view) ? query.view : viewsFor(queryType)[0];
  const stats = statsFor(queryType, app);
  const stat = query.stat && stats.includes(query.stat) ? query.stat : stats[0];
  return keepFields({ ...query, queryType, view, stat }, fieldsFor({ queryType, view }));
}

/** The same for a dashboard variable. */
export function changeVariableType(query: VariableQuery, queryType: VariableQuery['queryType']): VariableQuery {
  return keepFields({ ...query, queryType }, variableFieldsFor({ queryType }));
}

/** Changes fields, and forgets those that the change makes useless. */
export function changeQuery(query: IncidentsQuery, change: Partial<IncidentsQuery>): IncidentsQuery {
  const changed = changeFields(query, change);
  const fields = new Set(fieldsFor(changed));
  if (changed.view && changed.queryType === query.queryType) {
    // Not shown for all types. A rule on health needs it, because its labels must not change with the reason; a panel
    // of incidents or evidence keeps its columns.
    fields.add('view');
  }
  return keepFields(changed, fields);
}

/** Drops every field that is not in `fields`, and every one that is undefined. */
function keepFields<Q extends object>(query: Q, fields: ReadonlySet<Field>): Q {
  const kept: ReadonlySet<string> = fields;
  const entries = Object.entries(query).filter(
    ([key, value]) => value !== undefined && (kept.has(key) || !EVERY_FIELD.has(key))
  );
  return Object.fromEntries(entries) as Q;
}

/**
 * The types an editor offers. Annotations have an editor of their own, the context of a line comes from that line, and
 * alert rules can only use numbers.
 */
export function queryTypesFor(app: CoreApp | undefined, current: QueryType): readonly QueryType[] {
  const offered = isAlerting(app)
    ? ALERT_TYPES
    : QUERY_TYPES.filter((type) => type !== 'annotations' && type !== 'context');
  return offered.includes(current) ? offered : [...offered, current];
}

export type Hint = 'alert-needs-numbers' | 'steps-need-subject' | 'changes-need-incident' | 'explain-needs-line';

/** What keeps a query from giving a useful answer, if anything does. */
export function hintFor(query: IncidentsQuery, app: CoreApp | undefined): Hint | undefined {
  if (isAlerting(app) && !isNumeric(query)) {
    return 'alert-needs-numbers';
  }
  return missing(query);
}

/** What a query is about and does not name yet. */
function missing({ queryType, incident, signatures, line }: IncidentsQuery): Hint | undefined {
  switch (queryType) {
    case 'steps':
      return incident || signatures?.length ? undefined : 'steps-need-subject';
    case 'changes':
      return incident ? undefined : 'changes-need-incident';
    case 'explain':
      return line?.trim() ? undefined : 'explain-needs-line';
    default:
      return undefined;
  }
}

/** Whether there is anything to ask for yet. */
export function isRunnable(query: IncidentsQuery): boolean {
  return missing(query) === undefined;
}
