import { loadersFor, loadResources } from './translations';

jest.mock('@grafana/runtime', () => ({ config: { buildInfo: { version: '12.2.0' } } }));

describe('loadersFor', () => {
  it.each(['11.6.0', '11.6.7-security-01', '12.0.2', ''])(
    'loads the texts itself before Grafana 12.1 (%s)',
    (version) => {
      expect(loadersFor(version)).toEqual([loadResources]);
    }
  );

  it.each(['12.1.0', '12.1.0-pre', '12.2.1', '13.0.0+security-01'])('leaves it to Grafana %s', (version) => {
    expect(loadersFor(version)).toEqual([]);
  });
});

describe('loadResources', () => {
  it('knows Chinese', async () => {
    expect(await loadResources('zh-Hans')).toHaveProperty('severity.critical', '致命');
  });

  it('leaves other languages to the English in the code', async () => {
    expect(await loadResources('fr-FR')).toEqual({});
  });
});
