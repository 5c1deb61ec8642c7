import { CoreApp } from '@grafana/data';

import { DEFAULT_QUERY, type IncidentsQuery } from '../types';

export const DEFAULT_ANNOTATION_QUERY = { queryType: 'annotations' } as const satisfies Partial<IncidentsQuery>;

/** What an editor shows first: an alert rule needs numbers, everything else starts with the incidents themselves. */
export function defaultQuery(app?: CoreApp): Partial<IncidentsQuery> {
  return isAlerting(app) ? { queryType: 'alert', view: 'identity' } : { ...DEFAULT_QUERY, view: 'brief' };
}

export function isAlerting(app?: CoreApp): boolean {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
}
