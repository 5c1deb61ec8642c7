import { loadResources } from './translations';

describe('loadResources', () => {
  it.each(['zh-Hans', 'zh-Hant'])('knows Chinese (%s)', async (language) => {
    expect(await loadResources(language)).toHaveProperty('severity.critical', '致命');
  });

  it.each(['en-US', 'fr-FR'])('leaves %s to the English in the code', async (language) => {
    expect(await loadResources(language)).toEqual({});
  });
});
