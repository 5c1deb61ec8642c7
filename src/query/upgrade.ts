import { DEFAULT_QUERY, type IncidentsQuery } from '../types';
import { DEFAULT_VARIABLE_QUERY, type VariableQuery } from '../variables/model';

/** A query as a dashboard, an alert rule or a person wrote it, with any release of the plugin. */
type Stored = Readonly<Record<string, unknown>>;

/**
 * What releases changed, oldest first. A release that renames a key or splits a type adds a function here, and a
 * sample of the old form to the tests. Each takes what it has changed already, and keeps the keys that it does not
 * know: a dashboard of a later release must survive being opened by this one. The backend reads alert rules as they
 * are stored, so pkg/query.Parse has to know every change, too.
 */
const CHANGES: ReadonlyArray<(stored: Stored) => Stored> = [withBrackets];

const LISTS = ['signatures', 'sources', 'severities', 'hosts', 'clusters', 'states'] as const;

/** A filter with one value may be written without brackets. */
function withBrackets(stored: Stored): Stored {
  const singles = LISTS.filter((key) => typeof stored[key] === 'string');
  return { ...stored, ...Object.fromEntries(singles.map((key) => [key, stored[key] === '' ? [] : [stored[key]]])) };
}

function upgrade(stored: Stored): Stored {
  return CHANGES.reduce((query, change) => change(query), stored);
}

/**
 * The one door for queries: of panels, Explore and editors. Grafana leaves the type open in Explore, in mixed panels
 * and in hand-written provisioning.
 */
export function upgradeQuery(query: Partial<IncidentsQuery> & Pick<IncidentsQuery, 'refId'>): IncidentsQuery {
  const upgraded = upgrade({ ...query }) as Partial<IncidentsQuery>;
  return fitting({ ...upgraded, refId: query.refId, queryType: upgraded.queryType || DEFAULT_QUERY.queryType });
}

/**
 * Grafana completes a query that has nothing but a type with the query of a new panel, before it is sent and in editors.
 * That one is of incidents, and the backend refuses its view for another type.
 */
function fitting({ view, ...query }: IncidentsQuery): IncidentsQuery {
  const misplaced = (view === 'brief' || view === 'all') && query.queryType !== 'incidents';
  return misplaced || view === undefined ? query : { ...query, view };
}

/** The same for what dashboard variables store. */
export function upgradeVariableQuery(query: Partial<VariableQuery> | undefined): VariableQuery {
  const upgraded = upgrade({ ...query }) as Partial<VariableQuery>;
  const queryType = upgraded.queryType || DEFAULT_VARIABLE_QUERY.queryType;
  return { ...upgraded, refId: upgraded.refId ?? 'Variable', queryType };
}

/** The same for annotations: the stored filters, and always the type that answers with annotations. */
export function annotationQuery(target: Partial<IncidentsQuery> | undefined): IncidentsQuery {
  return { ...upgradeQuery({ refId: 'Anno', ...target }), queryType: 'annotations' };
}
