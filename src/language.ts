import { config, type HealthCheckResult } from '@grafana/runtime';

import type { Language } from './types';

/**
 * The language that the signed-in user has chosen for Grafana, or that Grafana gives to users without a choice. It is
 * undefined for one that we have no texts in.
 */
export function userLanguage(): Language | undefined {
  const chosen = config.bootData?.user?.language ?? '';
  return languageOf(chosen === 'detect' ? navigator.language : chosen);
}

/** The language that we name after a tag like `zh-Hans` or `en-US`. */
export function languageOf(tag: string): Language | undefined {
  const [language] = tag.toLowerCase().split('-');
  return language === 'zh' || language === 'en' ? language : undefined;
}

/** The message of a health check in a language, where the backend has sent both; else in that of the data source. */
export function messageFor(language: Language | undefined, { message, details }: HealthCheckResult): string {
  const messages = details?.messages;
  const own = language && isRecord(messages) ? messages[language] : undefined;
  return typeof own === 'string' ? own : message;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
