import { t } from '@grafana/i18n';
import { AuthMethod } from '@grafana/plugin-ui';

import type { Choice } from '../query/choices';
import { BLUEKING_VERSIONS, type BlueKingVersion, type Store, STORES } from '../types';
import { COUNT_BOUNDS, type CountKey, DURATION_BOUNDS, type DurationKey, type Problem } from './checks';

/** What is wrong, with the bounds of the setting if it has any. */
export function problemText(problem: Problem, key?: DurationKey | CountKey): string {
  const [least, greatest] = key ? { ...DURATION_BOUNDS, ...COUNT_BOUNDS }[key] : [];
  const texts: Record<Problem, string> = {
    url: t('config.problem.url', 'Not an address. Write it like http://loki:3100.'),
    duration: t('config.problem.duration', 'Not a duration. Write it like 30s, 10m or 1h30m.'),
    count: t('config.problem.count', 'Not a whole number.'),
    range: t('config.problem.range', 'Out of range: {{least}} to {{greatest}} is allowed.', { least, greatest }),
    tenant: t('config.problem.tenant', "At most 150 letters, digits and ! - _ . * ' ( ) |"),
    selector: t('config.problem.selector', 'Not a stream selector. Write it like {namespace="blueking"}.'),
  };
  return texts[problem];
}

export interface LimitText {
  label: string;
  tooltip: string;
}

export function durationTexts(): Record<DurationKey, LimitText> {
  return {
    lateness: {
      label: t('config.limits.lateness.label', 'Lateness'),
      tooltip: t('config.limits.lateness.tooltip', 'How late a line may arrive in Loki and still count at once'),
    },
    lookbackMax: {
      label: t('config.limits.lookback-max.label', 'Longest look-back'),
      tooltip: t(
        'config.limits.lookback-max.tooltip',
        'How far before the time range to look for the start of an incident that was already going on'
      ),
    },
    requestTimeout: {
      label: t('config.limits.request-timeout.label', 'Request timeout'),
      tooltip: t('config.limits.request-timeout.tooltip', 'One request to Loki'),
    },
    queryTimeout: {
      label: t('config.limits.query-timeout.label', 'Query timeout'),
      tooltip: t('config.limits.query-timeout.tooltip', 'One query of a panel or an alert rule in all'),
    },
  };
}

export function countTexts(): Record<CountKey, LimitText> {
  return {
    maxLines: {
      label: t('config.limits.max-lines.label', 'Most lines'),
      tooltip: t('config.limits.max-lines.tooltip', 'Matching lines that a query reads, per source'),
    },
    maxBytes: {
      label: t('config.limits.max-bytes.label', 'Most bytes'),
      tooltip: t('config.limits.max-bytes.tooltip', 'Bytes that a query receives, per source'),
    },
    pageLimit: {
      label: t('config.limits.page-limit.label', 'Lines a page'),
      tooltip: t('config.limits.page-limit.tooltip', '0 learns the limit from Loki'),
    },
    parallel: {
      label: t('config.limits.parallel.label', 'Parallel requests'),
      tooltip: t('config.limits.parallel.tooltip', 'Requests to Loki at the same time'),
    },
  };
}

export function storeChoices(): Array<{ value: Store; label: string; description: string }> {
  const texts: Record<Store, { label: string; description: string }> = {
    loki: {
      label: t('config.store.loki.label', 'Loki'),
      description: t('config.store.loki.description', 'The BlueKing logs that your Loki collects'),
    },
    samples: {
      label: t('config.store.samples.label', 'Built-in samples'),
      description: t('config.store.samples.description', 'A day of made-up logs, to see everything alive at once'),
    },
  };
  return STORES.map((value) => ({ value, ...texts[value] }));
}

export function versionChoices(): Array<Choice<BlueKingVersion>> {
  return BLUEKING_VERSIONS.map((value) => ({ value, label: value }));
}

export function authChoices() {
  return [
    {
      value: AuthMethod.NoAuth,
      label: t('config.auth.none.label', 'No authentication'),
      description: t('config.auth.none.description', 'Loki is open to this Grafana server'),
    },
    {
      value: AuthMethod.BasicAuth,
      label: t('config.auth.basic.label', 'Basic authentication'),
      description: t('config.auth.basic.description', 'A user name and a password or token'),
    },
    {
      value: AuthMethod.OAuthForward,
      label: t('config.auth.oauth.label', 'Forward OAuth identity'),
      description: t(
        'config.auth.oauth.description',
        'The identity of the signed-in user. Alert rules have none, so they cannot use it.'
      ),
    },
  ];
}
