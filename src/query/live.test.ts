import {
  createDataFrame,
  type DataFrame,
  dataFrameToJSON,
  type DataQueryResponse,
  dateTime,
  FieldType,
  type LiveChannelEvent,
  LiveChannelConnectionState,
  LiveChannelEventType,
  LoadingState,
} from '@grafana/data';
import { firstValueFrom, of, Subject } from 'rxjs';

import { aRequest } from '../testdata/request';
import type { IncidentsQuery } from '../types';
import { channelRequest, liveAnswer, type LiveSource, liveTargets, type Pushed } from './live';

const LIVE: IncidentsQuery = { refId: 'A', queryType: 'incidents', live: true };

const frame = (refId: string, title: string): DataFrame => ({
  ...createDataFrame({ fields: [{ name: 'title', type: FieldType.string, values: [title] }] }),
  refId,
});

const message = (pushed: Pushed): LiveChannelEvent<Pushed> => ({ type: LiveChannelEventType.Message, message: pushed });
const status = (state: LiveChannelConnectionState, error?: unknown): LiveChannelEvent<Pushed> => ({
  type: LiveChannelEventType.Status,
  id: 'ds/x/live/y',
  timestamp: 0,
  state,
  error,
});

/** Follows a request, with a channel that the test feeds. */
async function following(over: Partial<LiveSource> = {}) {
  const channel = new Subject<LiveChannelEvent<Pushed>>();
  const run = jest.fn(() => of<DataQueryResponse>({ data: [frame('A', 'first'), frame('B', 'other')] }));
  const addresses: unknown[] = [];
  const source: LiveSource = {
    uid: 'bk',
    run,
    open: () => Promise.resolve({ path: 'live/1', data: { span: 1 } }),
    follow: (address) => {
      addresses.push(address);
      return channel;
    },
    notLive: 'Not live',
    ...over,
  };
  const got: DataQueryResponse[] = [];
  const request = aRequest<IncidentsQuery>([LIVE, { refId: 'B', queryType: 'steps' }]);
  const subscription = liveAnswer(request, [LIVE], source).subscribe((response) => got.push(response));
  await new Promise(process.nextTick);
  return { channel, run, addresses, got, subscription, titles: () => titlesOf(got[got.length - 1]) };
}

const titlesOf = ({ data }: DataQueryResponse) =>
  Object.fromEntries(data.map((f: DataFrame) => [f.refId, f.fields[0].values[0]]));

describe('liveTargets', () => {
  it('are those that ask for it, of a range that ends now', () => {
    const targets = [LIVE, { ...LIVE, refId: 'B', live: false }, { ...LIVE, refId: 'C', queryType: 'steps' } as const];
    expect(liveTargets(aRequest<IncidentsQuery>(targets)).map(({ refId }) => refId)).toEqual(['A']);
    const past = { from: dateTime(0), to: dateTime(1), raw: { from: 'now-2h', to: 'now-1h' } };
    expect(liveTargets(aRequest<IncidentsQuery>(targets, { range: past }))).toEqual([]);
  });

  it("are all that can be while Explore's Live button is on", () => {
    const targets = [{ ...LIVE, live: false }, { ...LIVE, refId: 'C', queryType: 'steps' } as const];
    const asked = aRequest<IncidentsQuery>(targets, { liveStreaming: true });
    expect(liveTargets(asked).map(({ refId }) => refId)).toEqual(['A']);
  });
});

describe('channelRequest', () => {
  it('says what to watch', () => {
    const asked = channelRequest(LIVE, aRequest([LIVE], { maxDataPoints: 500 }));
    expect(asked).toEqual({ query: LIVE, span: 3600_000, interval: 60000, points: 500 });
  });
});

describe('liveAnswer', () => {
  it('begins with the answer, and goes on', async () => {
    const { got, addresses } = await following();
    expect(titlesOf(got[0])).toEqual({ A: 'first', B: 'other' });
    expect(got[0].state).toBe(LoadingState.Streaming);
    expect(addresses).toEqual([{ scope: 'ds', namespace: 'bk', stream: 'bk', path: 'live/1', data: { span: 1 } }]);
  });

  it('replaces what has changed and keeps the rest', async () => {
    const { channel, titles, run } = await following();
    channel.next(message({ frame: dataFrameToJSON(frame('live', 'second')) }));
    expect(titles()).toEqual({ A: 'second', B: 'other' });
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('says that it could not look, until it could', async () => {
    const { channel, got } = await following();
    channel.next(message({ error: 'Loki is down' }));
    expect(got[got.length - 1].errors).toEqual([{ message: 'Loki is down', refId: 'A' }]);
    expect(titlesOf(got[got.length - 1])).toEqual({ B: 'other' });
    channel.next(message({ frame: dataFrameToJSON(frame('live', 'third')) }));
    expect(got[got.length - 1].errors).toEqual([]);
  });

  it('asks for all again after a lost connection, and not after the first one', async () => {
    const { channel, run } = await following();
    channel.next(status(LiveChannelConnectionState.Pending));
    channel.next(status(LiveChannelConnectionState.Connected));
    expect(run).toHaveBeenCalledTimes(1);
    channel.next(status(LiveChannelConnectionState.Connecting));
    channel.next(status(LiveChannelConnectionState.Connected));
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('says that it does not follow where it cannot, and keeps the answer', async () => {
    const open = () => Promise.reject({ data: { message: 'asks as the user' } });
    const { got, titles } = await following({ open });
    expect(titles()).toEqual({ A: 'first', B: 'other' });
    const notices = (got[got.length - 1].data as DataFrame[]).map((f) => [f.refId, f.meta?.notices?.[0]?.text]);
    expect(Object.fromEntries(notices)).toEqual({ A: 'Not live: asks as the user', B: undefined });
  });

  it('leaves the channel with the panel', async () => {
    const { channel, subscription } = await following();
    expect(channel.observed).toBe(true);
    subscription.unsubscribe();
    expect(channel.observed).toBe(false);
  });

  it('takes one answer where nobody stays', async () => {
    const source = { uid: 'bk', run: () => of({ data: [] }), open: () => Promise.reject(new Error('x')), notLive: '' };
    const first = firstValueFrom(liveAnswer(aRequest([LIVE]), [LIVE], { ...source, follow: () => of() }));
    await expect(first).resolves.toMatchObject({ data: [] });
  });
});
