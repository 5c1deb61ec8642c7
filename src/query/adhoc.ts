import { type AdHocVariableFilter } from '@grafana/data';
import { escapeRegExp } from 'lodash';

import { MATCH_OPS, type Matcher, type Settings } from '../types';

const ONE_OF: Record<string, Matcher['op']> = { '=|': '=~', '!=|': '!~' };

/** Dashboard-wide filters as label matchers. Operators that labels cannot express (< and >) are left out. */
export function adhocMatchers(filters: AdHocVariableFilter[]): Matcher[] {
  return filters.flatMap(({ key, operator, value, values }) => {
    const op = MATCH_OPS.find((candidate) => candidate === operator);
    if (op) {
      return [{ name: key, op, value }];
    }
    return operator in ONE_OF
      ? [{ name: key, op: ONE_OF[operator], value: (values ?? [value]).map(escapeRegExp).join('|') }]
      : [];
  });
}

/** The labels worth filtering by: the configured ones, and those that the default stream selectors use. */
export function filterLabels(settings: Pick<Settings, 'clusterLabel' | 'hostLabels'>): string[] {
  return [
    ...new Set([settings.clusterLabel, ...settings.hostLabels, 'namespace', 'pod', 'container', 'filename']),
  ].filter((label) => label !== '');
}
