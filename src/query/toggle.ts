import type { QueryFilterOptions, QueryFixAction, ToggleFilterAction } from '@grafana/data';

import type { IncidentsQuery, Matcher } from '../types';
import { changeFields } from './change';

/** + and - in the details of a log line. */
export type Direction = ToggleFilterAction['type'];

// Columns of an evidence frame; every other key is a stream label.
const SIGNATURE = 'signature';
const INCIDENT = 'incident';

/** Whether a query shows only lines with this value. */
export function hasFilter(query: IncidentsQuery, { key, value }: QueryFilterOptions): boolean {
  switch (key) {
    case SIGNATURE:
      return query.signatures?.length === 1 && query.signatures[0] === value;
    case INCIDENT:
      return query.incident === value;
    default:
      return (query.matchers ?? []).some(same({ name: key, op: '=', value }));
  }
}

/**
 * Adds a filter, removes it when it is there already, and replaces its opposite.
 *
 * @param catalogue ids of the signatures that a query without a choice looks for; a query cannot say "all but this
 * one", so it names the others.
 */
export function toggleFilter(
  query: IncidentsQuery,
  direction: Direction,
  { key, value }: QueryFilterOptions,
  catalogue: string[]
): IncidentsQuery {
  if (!key || value === undefined) {
    return query;
  }
  const filtered = hasFilter(query, { key, value });
  const only = direction === 'FILTER_FOR';
  switch (key) {
    case SIGNATURE: {
      const others = (query.signatures ?? catalogue).filter((id) => id !== value);
      const rest = filtered ? catalogue.filter((id) => id !== value) : others;
      return changeFields(query, { signatures: only ? (filtered ? [] : [value]) : rest });
    }
    case INCIDENT:
      // One incident can be shown, but not left out.
      return only ? changeFields(query, { incident: filtered ? '' : value }) : query;
    default:
      return changeFields(query, {
        matchers: toggleMatcher(query.matchers ?? [], { name: key, op: only ? '=' : '!=', value }),
      });
  }
}

/** What Explore asks for where it knows of no toggling: to add a filter. */
export function addFilter(query: IncidentsQuery, action: QueryFixAction, catalogue: string[]): IncidentsQuery {
  const direction = DIRECTIONS[action.type];
  const { key = '', value = '' } = action.options ?? {};
  if (!direction || (direction === 'FILTER_FOR' && hasFilter(query, { key, value }))) {
    return query;
  }
  return toggleFilter(query, direction, { key, value }, catalogue);
}

const DIRECTIONS: Partial<Record<string, Direction>> = { ADD_FILTER: 'FILTER_FOR', ADD_FILTER_OUT: 'FILTER_OUT' };

export const MODIFICATIONS = Object.keys(DIRECTIONS);

function toggleMatcher(matchers: Matcher[], wanted: Matcher): Matcher[] {
  const opposite: Matcher = { ...wanted, op: wanted.op === '=' ? '!=' : '=' };
  const rest = matchers.filter((matcher) => !same(wanted)(matcher) && !same(opposite)(matcher));
  return matchers.some(same(wanted)) ? rest : [...rest, wanted];
}

function same(wanted: Matcher): (matcher: Matcher) => boolean {
  return ({ name, op, value }) => name === wanted.name && op === wanted.op && value === wanted.value;
}
