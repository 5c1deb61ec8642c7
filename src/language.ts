import { config } from '@grafana/runtime';

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
