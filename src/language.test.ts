import { config, type HealthCheckResult, HealthStatus } from '@grafana/runtime';

import { languageOf, messageFor, userLanguage } from './language';

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

describe('messageFor', () => {
  const checked = (details: HealthCheckResult['details']): HealthCheckResult => ({
    status: HealthStatus.OK,
    message: '已连接',
    details,
  });

  it("is the user's, not the data source's", () => {
    expect(messageFor('en', checked({ messages: { zh: '已连接', en: 'Connected' } }))).toBe('Connected');
  });

  it("is the data source's where there is no other", () => {
    expect(messageFor(undefined, checked({ messages: { zh: '已连接', en: 'Connected' } }))).toBe('已连接');
    expect(messageFor('en', checked(undefined))).toBe('已连接');
    expect(messageFor('en', checked({ verboseMessage: 'nothing accepts connections' }))).toBe('已连接');
  });
});
