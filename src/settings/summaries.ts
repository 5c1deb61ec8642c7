import { t } from '@grafana/i18n';

import { languageChoices } from '../query/choices';
import { DEFAULT_SETTINGS, type IncidentsJsonData, type Settings } from '../types';
import { COUNTS, DURATIONS } from './checks';
import type { Options } from './defaults';
import { authChoices, countTexts, durationTexts } from './texts';

// What is set in each fold of the settings page, in one line.

function line(parts: Array<string | false | undefined>): string {
  return parts.filter(Boolean).join(' · ');
}

/** How Grafana signs in to Loki. Secrets are not in it. */
export function authSummary({ basicAuthUser, jsonData }: Options, method: string): string {
  const { tlsAuthWithCACert, tlsAuth, tlsSkipVerify } = jsonData as Record<string, unknown>;
  const headers = Object.keys(jsonData).filter((key) => /^httpHeaderName\d+$/.test(key)).length;
  return line([
    authChoices().find(({ value }) => value === method)?.label,
    method === 'BasicAuth' && basicAuthUser,
    Boolean(tlsAuthWithCACert) && t('config.tls.authority.label', 'Own authority'),
    Boolean(tlsAuth) && t('config.tls.client.label', 'Client certificate'),
    Boolean(tlsSkipVerify) && t('config.tls.skip.label', 'Skip verification'),
    headers > 0 && t('config.headers.count', 'HTTP headers: {{headers}}', { headers }),
  ]);
}

export function textsSummary({ language, bluekingVersion, lokiUid }: Settings, lokiName?: string): string {
  return line([
    languageChoices().find(({ value }) => value === language)?.label,
    t('config.version.set', 'BlueKing {{version}}', { version: bluekingVersion }),
    lokiUid
      ? t('config.loki-uid.set', 'raw lines open in {{name}}', { name: lokiName ?? lokiUid })
      : t('config.loki-uid.unset', 'no links to raw lines'),
  ]);
}

/** The limits that are not the defaults. */
export function limitsSummary(stored: IncidentsJsonData): string {
  const texts = { ...durationTexts(), ...countTexts() };
  // A provisioning file may name the defaults, too.
  const set = [...DURATIONS, ...COUNTS].filter(
    (key) => (stored[key] ?? '') !== '' && stored[key] !== DEFAULT_SETTINGS[key]
  );
  return line(set.map((key) => `${texts[key].label} ${stored[key]}`)) || t('config.limits.unset', 'Defaults');
}

export function signaturesSummary(yaml: string): string {
  const count = yaml.split(/^---/m).filter((document) => /^id:/m.test(document)).length;
  return count > 0
    ? t('config.signatures.set', 'Signatures of your own: {{count}}', { count })
    : t('config.signatures.unset', 'None: only the built-in catalogue is used');
}
