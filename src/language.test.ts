import { config } from '@grafana/runtime';

import { languageOf, userLanguage } from './language';

describe('languageOf', () => {
  it.each([
    ['zh-Hans', 'zh'],
    ['zh-Hant', 'zh'],
    ['en-US', 'en'],
    ['fr-FR', undefined],
    ['', undefined],
  ])('of %s', (tag, language) => {
    expect(languageOf(tag)).toBe(language);
  });
});

describe('userLanguage', () => {
  it('is that of Grafana', () => {
    jest.replaceProperty(config, 'bootData', { user: { language: 'zh-Hans' } } as typeof config.bootData);
    expect(userLanguage()).toBe('zh');
  });

  it("is the browser's where Grafana asks the browser", () => {
    jest.replaceProperty(config, 'bootData', { user: { language: 'detect' } } as typeof config.bootData);
    jest.spyOn(navigator, 'language', 'get').mockReturnValue('zh-CN');
    expect(userLanguage()).toBe('zh');
  });
});
