import { CoreApp } from '@grafana/data';

import { DEFAULT_QUERY, type IncidentsQuery } from '../types';

export const DEFAULT_ANNOTATION_QUERY = { queryType: 'annotations' } as const satisfies Partial<IncidentsQuery>;

const LISTS = ['signatures', 'sources', 'severities', 'hosts', 'clusters', 'states'] as const;

/** What an editor shows first: an alert rule needs numbers, everything else starts with the incidents themselves. */
export function defaultQuery(app?: CoreApp): Partial<IncidentsQuery> {
  return isAlerting(app) ? { queryType: 'alert', view: 'identity' } : { ...DEFAULT_QUERY };
}

export function isAlerting(app?: CoreApp): boolean {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
}

/**
 * Completes a query that was written by hand or left empty by Grafana (Explore, mixed panels, provisioning): the type
 * is set, and a filter with one value may be written without brackets.
 */
export function completeQuery(query: Partial<IncidentsQuery> & Pick<IncidentsQuery, 'refId'>): IncidentsQuery {
  const complete: IncidentsQuery = { ...query, queryType: query.queryType || DEFAULT_QUERY.queryType };
  for (const key of LISTS) {
    const value: unknown = complete[key];
    if (typeof value === 'string') {
      complete[key] = value === '' ? [] : [value];
    }
  }
  return complete;
}

/** The query of an annotation: the stored filters, and always the type that answers with annotations. */
export function annotationQuery(target: Partial<IncidentsQuery> | undefined): IncidentsQuery {
  return completeQuery({ refId: 'Anno', ...target, ...DEFAULT_ANNOTATION_QUERY });
}
