import { type DataFrame, type MetricFindValue } from '@grafana/data';

import type { Signature } from '../types';
import type { VariableQuery } from './model';

/** The values of a list, unchanged. */
export function plainValues(list: string[]): MetricFindValue[] {
  return list.map((text) => ({ text }));
}

/** Signatures by title, narrowed like a query would be. */
export function signatureValues(
  catalogue: Signature[],
  filters: Pick<VariableQuery, 'severities' | 'sources'>
): MetricFindValue[] {
  const matches = (wanted: string[] | undefined, have: string[]) =>
    !wanted?.length || have.some((value) => wanted.includes(value));
  return catalogue
    .filter(({ severity, sources }) => matches(filters.severities, [severity]) && matches(filters.sources, sources))
    .map(({ id, title }) => ({ text: title, value: id }));
}

/** Incidents by title; where two share one, the id tells them apart. */
export function incidentValues(frames: DataFrame[]): MetricFindValue[] {
  const titles = column(frames, 'title');
  const uses = new Map<unknown, number>();
  titles.forEach((title) => uses.set(title, (uses.get(title) ?? 0) + 1));
  return column(frames, 'id').map((id, row) => ({
    text: (uses.get(titles[row]) ?? 0) > 1 ? `${titles[row]} (${id})` : String(titles[row]),
    value: String(id),
  }));
}

/** The remediation as one Markdown text, for a text panel that shows the variable. */
export function stepValues(frames: DataFrame[]): MetricFindValue[] {
  return distinct(column(frames, 'markdown'));
}

/** The queries of the raw lines, for a panel that asks Loki itself. */
export function logqlValues(frames: DataFrame[]): MetricFindValue[] {
  return distinct(column(frames, 'logql'));
}

function distinct(values: unknown[]): MetricFindValue[] {
  const texts = new Set(values.filter((text) => text !== '' && text != null));
  return [...texts].map((text) => ({ text: String(text) }));
}

function column(frames: DataFrame[], name: string): unknown[] {
  // An answer without rows has no columns.
  return frames.filter(({ fields }) => fields.length > 0).flatMap((frame) => {
    const field = frame.fields.find((candidate) => candidate.name === name);
    if (!field) {
      throw new Error(`The answer has no column "${name}". The plugin's frontend and backend differ in version.`);
    }
    return [...field.values];
  });
}
