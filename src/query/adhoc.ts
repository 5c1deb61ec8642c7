import { type AdHocVariableFilter } from '@grafana/data';
import { escapeRegExp } from 'lodash';

import { type IncidentsQuery, MATCH_OPS, type Matcher, SEVERITIES, type Settings } from '../types';

const ONE_OF: Record<string, Matcher['op']> = { '=|': '=~', '!=|': '!~' };

/** Keys of dashboard-wide filters that are not stream labels but columns of our tables, and the list they narrow. */
const COLUMNS = { signature: 'signatures', severity: 'severities' } as const;
type Column = keyof typeof COLUMNS;

export const COLUMN_KEYS = Object.keys(COLUMNS) as Column[];

function isColumn(key: string): key is Column {
  return Object.hasOwn(COLUMNS, key);
}

/** Dashboard-wide filters as label matchers. Operators that labels cannot express (< and >) are left out. */
export function adhocMatchers(filters: AdHocVariableFilter[]): Matcher[] {
  return filters.flatMap((filter) => {
    const { key, operator, value } = filter;
    const op = MATCH_OPS.find((candidate) => candidate === operator);
    if (isColumn(key) || !key) {
      return [];
    }
    if (op) {
      return [{ name: key, op, value }];
    }
    return Object.hasOwn(ONE_OF, operator)
      ? [{ name: key, op: ONE_OF[operator], value: valuesOf(filter).map(escapeRegExp).join('|') }]
      : [];
  });
}

/** The lists of a query narrowed by dashboard-wide filters. An empty list stands for nothing, undefined for all. */
export function adhocLists(
  query: Pick<IncidentsQuery, 'signatures' | 'severities'>,
  filters: AdHocVariableFilter[],
  catalogue: string[]
): Pick<IncidentsQuery, 'signatures' | 'severities'> {
  const known: Record<Column, readonly string[]> = { signature: catalogue, severity: SEVERITIES };
  const lists = { signatures: query.signatures, severities: query.severities };
  for (const filter of filters) {
    const { key } = filter;
    if (isColumn(key)) {
      const list = COLUMNS[key];
      const picked = pick(filter, lists[list] ?? known[key]);
      // Without a catalogue there is nothing to pick from; the filter is then applied with the next refresh.
      lists[list] =
        picked && lists[list] ? lists[list].filter((value) => picked.includes(value)) : (picked ?? lists[list]);
    }
  }
  return lists;
}

/** Whether a filter can be applied only when the ids of all signatures are known. */
export function needsCatalogue(filters: AdHocVariableFilter[] = []): boolean {
  return filters.some(({ key, operator }) => key === 'signature' && operator !== '=' && operator !== '=|');
}

/** The values that pass a filter, undefined when that cannot be told. */
function pick(filter: AdHocVariableFilter, candidates: readonly string[]): string[] | undefined {
  const { operator, value } = filter;
  const values = valuesOf(filter);
  switch (operator) {
    case '=':
    case '=|':
      // Not only candidates: the backend says that a name is unknown, an empty answer would not.
      return values;
    case '!=':
    case '!=|':
      return candidates.length > 0 ? candidates.filter((candidate) => !values.includes(candidate)) : undefined;
    case '=~':
    case '!~': {
      const regex = regexOf(value);
      if (!regex) {
        return [value]; // the backend refuses it in words
      }
      return candidates.length > 0
        ? candidates.filter((candidate) => regex.test(candidate) === (operator === '=~'))
        : undefined;
    }
    default:
      return undefined;
  }
}

function valuesOf({ operator, value, values }: AdHocVariableFilter): string[] {
  return Object.hasOwn(ONE_OF, operator) && values?.length ? values : [value];
}

/** A regular expression that matches whole values, as in Loki. */
function regexOf(text: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${text})$`);
  } catch {
    return undefined;
  }
}

/** The labels worth filtering by: the configured ones, and those that the default stream selectors use. */
export function filterLabels(settings: Pick<Settings, 'clusterLabel' | 'hostLabels'>): string[] {
  return [
    ...new Set([settings.clusterLabel, ...settings.hostLabels, 'namespace', 'pod', 'container', 'filename']),
  ].filter((label) => label !== '');
}
