import { config } from '@grafana/runtime';
import { initPluginTranslations, type ResourceLoader, type Resources } from '@grafana/i18n';
import { coerce, lt } from 'semver';

import pluginJson from './plugin.json';

const locales: Record<string, () => Promise<{ default: Resources }>> = {
  'en-US': () => import('./locales/en-US/blueking-incidents-datasource.json'),
  'zh-Hans': () => import('./locales/zh-Hans/blueking-incidents-datasource.json'),
};

/** Loads the texts of a language; one that we do not have falls back to the English in the code. */
export const loadResources: ResourceLoader = async (language) => (await locales[language]?.())?.default ?? {};

/** Grafana loads a plugin's `locales` itself since 12.1.0; before that the plugin has to. */
export function loadersFor(grafanaVersion: string): ResourceLoader[] {
  return lt(coerce(grafanaVersion) ?? '0.0.0', '12.1.0') ? [loadResources] : [];
}

let ready: Promise<unknown> | undefined;

/** Resolves when t() answers in the user's language. */
export function translationsReady(): Promise<unknown> {
  ready ??= initPluginTranslations(pluginJson.id, loadersFor(config.buildInfo.version));
  return ready;
}
