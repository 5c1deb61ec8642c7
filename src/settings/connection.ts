import { useState } from 'react';

import { DEFAULT_SETTINGS, type Settings } from '../types';
import type { Options } from './defaults';

/** The settings that change neither which Loki is asked nor how. */
const ELSEWHERE = Object.keys(DEFAULT_SETTINGS).filter((key) => !['store', 'tenant'].includes(key)) as Array<
  keyof Settings
>;

/** All that decides which Loki is asked and how, to be compared. Secrets are in it only while they are typed. */
export function connectionOf({ url, basicAuth, basicAuthUser, jsonData, secureJsonData }: Options): string {
  const further = Object.entries(jsonData)
    .filter(([key, value]) => !(ELSEWHERE as string[]).includes(key) && value)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const typed = Object.entries(secureJsonData ?? {}).filter(([, value]) => value);
  return JSON.stringify([url, basicAuth, basicAuthUser, further, typed]);
}

/**
 * Whether the backend already asks the Loki that the page shows. The page opens with what is saved, and every save
 * brings a new version.
 */
export function useSavedConnection(options: Options): boolean {
  const now = { version: options.version, connection: connectionOf(options) };
  const [saved, setSaved] = useState(now);
  if (saved.version !== now.version) {
    setSaved(now);
  }
  return saved.version !== now.version || saved.connection === now.connection;
}
