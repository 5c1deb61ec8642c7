import { exploreLink } from './explore';

const selector = String.raw`{namespace="blueking", pod=~"bk-\\{1,2\\}\"}.*%22&#", app=${'`}`'}}`;

function opened(logql: string) {
  const link = exploreLink('loki-1', logql, { from: 1, to: 2 });
  const panes = link && new URL(link.href, 'http://grafana').searchParams.get('panes');
  return link && { ...link, pane: JSON.parse(panes!).loki };
}

describe('exploreLink', () => {
  it('opens the whole of a short query, whatever its values hold', () => {
    const link = opened(`${selector} |= "a" or "b"`);
    expect(link?.whole).toBe(true);
    expect(link?.pane).toMatchObject({
      datasource: 'loki-1',
      queries: [{ expr: `${selector} |= "a" or "b"` }],
      range: { from: '1', to: '2' },
    });
  });

  it('opens the streams of a query that no address can carry', () => {
    const filters = Array.from({ length: 1000 }, (_, n) => `"literal ${n}"`).join(' or ');
    const link = opened(`${selector} |= ${filters}`);
    expect(link?.whole).toBe(false);
    expect(link?.pane.queries[0].expr).toBe(selector);
  });

  it('is none when even the streams are too long', () => {
    expect(opened(`{pod="${'%22&# '.repeat(2000)}"} |= "a"`)).toBeUndefined();
  });
});
