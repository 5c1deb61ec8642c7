import { DEFAULT_SETTINGS, type SourceSettings } from '../types';

export function changeSource(rows: SourceSettings[], index: number, change: Partial<SourceSettings>): SourceSettings[] {
  return rows.map((row, at) => (at === index ? { ...row, ...change } : row));
}

export function addSource(rows: SourceSettings[]): SourceSettings[] {
  return [...rows, { source: 'nodeman', selector: '', onHost: false }];
}

export function removeSource(rows: SourceSettings[], index: number): SourceSettings[] {
  return rows.filter((_, at) => at !== index);
}

/** The defaults are not stored, so that a later release may better them. */
export function storedSources(rows: SourceSettings[]): SourceSettings[] | undefined {
  return JSON.stringify(rows) === JSON.stringify(DEFAULT_SETTINGS.sources) ? undefined : rows;
}
