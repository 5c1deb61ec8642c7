import type { SourceSettings } from '../types';
import type { SeenStreams } from './checkup';
import { clusterLabelRemark, hostLabelsRemark, labelNames, type Seen, selectorsOf, streamsRemark } from './streams';

const seen = (streams: number, labels: Record<string, number> = {}, hours = 1): { value: SeenStreams } => ({
  value: {
    streams,
    hours,
    labels: Object.entries(labels).map(([name, having]) => ({ name, streams: having, example: '' })),
  },
});
const row = (selector: string, onHost = false): SourceSettings => ({ source: 'agent', selector, onHost });

describe('streamsRemark', () => {
  it.each([
    ['found', seen(12), 'good', 'Streams in the last hour: 12'],
    ['silent this hour', seen(2, {}, 24), 'good', 'Streams in the last 24 hours: 2; none in the last hour'],
    ['nothing', seen(0, {}, 24), 'doubt', /^No stream in the last 24 hours fits\. Compare the labels/],
    ['not asked yet', undefined, 'quiet', /^Looking/],
    ['Loki fails', { problem: 'Loki is not ready.' }, 'doubt', 'Loki is not ready.'],
    ['not set up', seen(-1), 'quiet', 'Checked after Save & test.'],
  ])('%s', (_, answer, kind, text) => {
    expect(streamsRemark('{app="x"}', answer, true)).toEqual({ kind, text: expect.stringMatching(text) });
  });

  it('says nothing of streams while another Loki is typed', () => {
    expect(streamsRemark('{app="x"}', seen(12), false)).toEqual({ kind: 'quiet', text: 'Checked after Save & test.' });
  });

  it('names the place of an error, also before the first save', () => {
    const problem = { message: 'a label name is missing (at position 2)', position: 2 };
    const answer = { value: { ...seen(-1).value, problem } };
    expect(streamsRemark('{}', answer, false)).toEqual({ kind: 'wrong', text: problem.message });
  });

  it('sees the shape of a selector without asking', () => {
    expect(streamsRemark('app=x', undefined, true).kind).toBe('wrong');
  });
});

describe('labels', () => {
  const rows = [row('{a="1"}', true), row('{b="1"}')];
  const known: Seen = { '{a="1"}': seen(10, { host: 8, job: 10 }), '{b="1"}': seen(5, { pod: 5, cluster: 5 }) };

  it('are offered from all rows', () => {
    expect(labelNames(known)).toEqual(['cluster', 'host', 'job', 'pod']);
    expect(labelNames({})).toEqual([]);
  });

  it('of hosts are missed on streams from hosts only', () => {
    expect(hostLabelsRemark(rows, known, ['host', 'instance'])?.text).toMatch(/2 of 10/);
    expect(hostLabelsRemark(rows, known, ['instance'])?.text).toMatch(/10 of 10/);
    expect(hostLabelsRemark(rows, known, ['host', 'job'])).toBeUndefined();
    expect(hostLabelsRemark([rows[1]], known, ['host'])).toBeUndefined();
  });

  it('of clusters may be missing on all streams, but not on some', () => {
    expect(clusterLabelRemark(rows, known, 'cluster')).toMatchObject({
      kind: 'doubt',
      text: expect.stringMatching(/10 of 15/),
    });
    expect(clusterLabelRemark(rows, known, 'region')?.kind).toBe('quiet');
    expect(clusterLabelRemark([rows[1]], known, 'cluster')).toBeUndefined();
  });

  it('are not missed where nobody looked or nothing was found', () => {
    const silent: Seen = { '{a="1"}': seen(0, {}, 24), '{b="1"}': { problem: 'no' } };
    expect(hostLabelsRemark(rows, silent, ['host'])).toBeUndefined();
    expect(clusterLabelRemark(rows, {}, 'cluster')).toBeUndefined();
  });
});

it('asks about no empty selector', () => {
  expect(selectorsOf([row(' '), row('{a="1"}')])).toEqual(['{a="1"}']);
});
