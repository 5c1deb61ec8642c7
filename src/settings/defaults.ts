import type { DataSourceSettings } from '@grafana/data';

import { changeFields } from '../query/change';
import { DEFAULT_SETTINGS, type IncidentsJsonData, type IncidentsSecureJsonData, type Settings } from '../types';

export type Options = DataSourceSettings<IncidentsJsonData, IncidentsSecureJsonData>;

/** The settings that hold: what is stored, and the default for everything else. */
export function completeSettings(stored: IncidentsJsonData | undefined): Settings {
  const given = Object.entries(stored ?? {}).filter(
    ([, value]) => value !== undefined && value !== null && value !== ''
  );
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(given) };
}

/** Changes settings. An emptied one is removed, so that its default holds again. */
export function withSettings(options: Options, change: Partial<Settings>): Options {
  return { ...options, jsonData: changeFields(options.jsonData, change) };
}

/** The samples need no connection, no credentials and no stream selectors. */
export function usesLoki(settings: Settings): boolean {
  return settings.store === 'loki';
}
