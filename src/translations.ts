import { initPluginTranslations, type ResourceLoader } from '@grafana/i18n';

import { languageOf } from './language';
import pluginJson from './plugin.json';

/**
 * Loads the texts of a language; one that we do not have falls back to the English in the code. We load them because
 * Grafana itself does so with its feature toggle `localizationForPlugins` only, which is off by default.
 */
export const loadResources: ResourceLoader = async (language) =>
  languageOf(language) === 'zh' ? (await import('./locales/zh-Hans/blueking-incidents-datasource.json')).default : {};

let ready: Promise<unknown> | undefined;

/** Resolves when t() answers in the user's language. */
export function translationsReady(): Promise<unknown> {
  ready ??= initPluginTranslations(pluginJson.id, [loadResources]);
  return ready;
}
