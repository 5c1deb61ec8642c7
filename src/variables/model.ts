import type { IncidentsQuery } from '../types';

export const VARIABLE_TYPES = ['signatures', 'hosts', 'clusters', 'incidents', 'steps', 'logql'] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** What a dashboard variable lists. `hosts` and `clusters` are resources of the backend, the others are queries. */
export interface VariableQuery extends Omit<IncidentsQuery, 'queryType'> {
  queryType: VariableType;
}

export const DEFAULT_VARIABLE_QUERY = { queryType: 'signatures' } as const satisfies Partial<VariableQuery>;
