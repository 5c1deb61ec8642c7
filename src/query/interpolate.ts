import { type AdHocVariableFilter } from '@grafana/data';
import { escapeRegExp } from 'lodash';

import type { IncidentsQuery, Matcher } from '../types';
import { adhocLists, adhocMatchers } from './adhoc';
import { parseLimit } from './change';

/** What a template variable stands for, as Grafana hands it to a format function. */
export type Format = (value: string | string[], variable?: { multi?: boolean; includeAll?: boolean }) => string;

/** Replaces the template variables in a text; a multi-value variable goes through the format function. */
export type Replace = (text: string, format?: Format) => string;

// Cannot occur in a label or in an id, so a marked place is never mistaken for text.
const MARK = '\u0000';

/** The usual "custom all values" of a variable. In a list they would name nothing, so they lift the filter. */
const EVERYTHING: ReadonlySet<string> = new Set(['.*', '.+', '$__all']);

/** One entry of a list filter with its variables replaced; a variable with several values gives several entries. */
export function expand(entry: string, replace: Replace): string[] {
  const choices: string[][] = [];
  const pattern = replace(entry, (value) => {
    choices.push(Array.isArray(value) ? value : [value]);
    return `${MARK}${choices.length - 1}${MARK}`;
  });
  return choices.reduce(
    (texts, values, index) =>
      texts.flatMap((text) => values.map((value) => text.split(`${MARK}${index}${MARK}`).join(value))),
    [pattern]
  );
}

function expandList(list: string[] | undefined, replace: Replace): string[] | undefined {
  const entries = (list ?? []).flatMap((entry) => expand(entry, replace)).filter((entry) => entry !== '');
  if (entries.length === 0 || entries.some((entry) => EVERYTHING.has(entry))) {
    return undefined;
  }
  return [...new Set(entries)];
}

/**
 * Several values of one variable become an alternation: `=` and `!=` cannot say that, their regex forms can. A matcher
 * whose variable has no value at all, or stands for all, is lifted, like a list filter.
 */
export function interpolateMatcher(matcher: Matcher, replace: Replace): Matcher | undefined {
  const name = replace(matcher.name);
  if (name === '') {
    return undefined;
  }
  if (matcher.op === '=~' || matcher.op === '!~') {
    const value = expandRegex(matcher.value, replace);
    return value === undefined ? undefined : { name, op: matcher.op, value };
  }
  const values = expand(matcher.value, replace);
  if (values.length === 0 || values.some((value) => EVERYTHING.has(value))) {
    return undefined;
  }
  if (values.length === 1) {
    return { name, op: matcher.op, value: values[0] };
  }
  return { name, op: matcher.op === '=' ? '=~' : '!~', value: values.map(escapeRegExp).join('|') };
}

/** A regular expression with its variables replaced, undefined when they make it match everything. */
function expandRegex(text: string, replace: Replace): string | undefined {
  let empty = false;
  const value = replace(text, (picked, variable) => {
    if (Array.isArray(picked)) {
      empty ||= picked.length === 0;
      return `(${picked.map(literal).join('|')})`;
    }
    // A text box may hold a regular expression on purpose; a picked value never does, unless it stands for all.
    return (variable?.multi || variable?.includeAll) && !EVERYTHING.has(picked) ? escapeRegExp(picked) : picked;
  });
  return empty || (value !== text && EVERYTHING.has(value)) ? undefined : value;
}

/** One of several picked values in a regular expression; the mark for all may be among them. */
function literal(value: string): string {
  return value === '$__all' ? '.*' : escapeRegExp(value);
}

/** A choice may be a variable too. What it resolves to is for the backend to accept or refuse. */
function choice<T extends string>(text: T | undefined, replace: Replace): T | undefined {
  return text && ((replace(text) || undefined) as T | undefined);
}

/**
 * The query as the backend gets it: variables replaced in every field, dashboard-wide filters added. An absent list
 * stands for everything; one that filters have emptied stays as an empty list, and the query need not be sent.
 */
export function interpolateQuery(
  query: IncidentsQuery,
  replace: Replace,
  filters: AdHocVariableFilter[] = [],
  catalogue: string[] = []
): IncidentsQuery {
  const matchers = [
    ...(query.matchers ?? []).flatMap((matcher) => interpolateMatcher(matcher, replace) ?? []),
    ...adhocMatchers(filters),
  ];
  const lists = {
    signatures: expandList(query.signatures, replace),
    severities: expandList(query.severities, replace),
  };
  return {
    ...query,
    ...adhocLists(lists, filters, catalogue),
    sources: expandList(query.sources, replace),
    hosts: expandList(query.hosts, replace),
    clusters: expandList(query.clusters, replace),
    states: expandList(query.states, replace),
    matchers: matchers.length > 0 ? matchers : undefined,
    view: choice(query.view, replace),
    stat: choice(query.stat, replace),
    incident: choice(query.incident, replace),
    limit: typeof query.limit === 'string' ? parseLimit(replace(query.limit)) : query.limit,
    language: choice(query.language, replace),
  };
}

/** Whether dashboard-wide filters have left nothing of an interpolated query to ask for. */
export function selectsNothing({ signatures, severities }: IncidentsQuery): boolean {
  return signatures?.length === 0 || severities?.length === 0;
}
