import { getBackendSrv } from '@grafana/runtime';
import { map, type Observable } from 'rxjs';

import { userLanguage } from '../language';
import type { Linted, SeenStreams } from './checkup';

/** What a selector finds in the Loki of the saved settings. */
export function lookAtStreams(uid: string, selector: string): Observable<SeenStreams> {
  return ask(uid, 'streams', { params: { selector } });
}

/** What is wrong with custom signatures, a YAML text; they may read sources that are not saved yet. */
export function lintSignatures(uid: string, text: string, sources: string[]): Observable<Linted> {
  const headers = { 'Content-Type': 'application/yaml' };
  return ask(uid, 'lint', { method: 'POST', data: text, headers, params: { source: sources } });
}

interface Call {
  method?: string;
  params?: Record<string, string | string[]>;
  data?: string;
  headers?: Record<string, string>;
}

// A failure is told beside the field, not in a toast: somebody is typing.
function ask<T>(uid: string, resource: string, { params, ...call }: Call): Observable<T> {
  const url = `/api/datasources/uid/${encodeURIComponent(uid)}/resources/${resource}`;
  return getBackendSrv()
    .fetch<T>({ url, params: { ...params, language: userLanguage() ?? 'en' }, showErrorAlert: false, ...call })
    .pipe(map(({ data }) => data));
}
