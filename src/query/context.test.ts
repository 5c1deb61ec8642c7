import { createDataFrame, FieldType, LogRowContextQueryDirection, type LogRowModel } from '@grafana/data';

import { contextQuery, contextRequest, withoutRow } from './context';

const evidence = createDataFrame({
  refId: 'A',
  fields: [
    { name: 'timestamp', type: FieldType.time, values: [1000], nanos: [42] },
    { name: 'body', type: FieldType.string, values: ['curl: (6) Could not resolve host'] },
    { name: 'line', type: FieldType.string, values: ['{"log":"curl: (6) Could not resolve host"}'] },
  ],
});
const row = {
  dataFrame: evidence,
  rowIndex: 0,
  timeEpochMs: 1000,
  timeEpochNs: '1000000042',
  labels: { app: 'nodeman', pod: 'worker-1' },
} as unknown as LogRowModel;

const stream = [
  { name: 'app', op: '=', value: 'nodeman' },
  { name: 'pod', op: '=', value: 'worker-1' },
];

it('asks for the stream of the line', () => {
  const before = contextRequest(row, { direction: LogRowContextQueryDirection.Backward, limit: 20 });
  expect(before.targets[0]).toMatchObject({ queryType: 'context', view: 'before', matchers: stream, limit: 20 });
  expect([before.range.from.valueOf(), before.range.to.valueOf()]).toEqual([1000 - 7_200_000, 1001]);
  const after = contextRequest(row, { direction: LogRowContextQueryDirection.Forward });
  expect(after.targets[0]).toMatchObject({ view: 'after', limit: 100 });
  expect([after.range.from.valueOf(), after.range.to.valueOf()]).toEqual([1000, 1000 + 7_200_000]);
});

it('gives Explore a query without a direction, over the range that Explore has', () => {
  expect(contextQuery(row)).toEqual({ refId: 'context-A', queryType: 'context', matchers: stream, limit: 100 });
});

it('leaves out the line itself, which has another text here, and no other of its millisecond', () => {
  const answer = createDataFrame({
    fields: [
      { name: 'timestamp', type: FieldType.time, values: [1000, 1000, 999], nanos: [43, 42, 0] },
      { name: 'body', type: FieldType.string, values: ['b', 'two messages\nof one line', 'a'] },
      { name: 'line', type: FieldType.string, values: ['b', '{"log":"curl: (6) Could not resolve host"}', 'a'] },
    ],
  });
  const [left] = withoutRow({ data: [answer] }, row).data;
  expect(left.length).toBe(2);
  expect(left.fields[1].values).toEqual(['b', 'a']);
  expect(left.fields[0].nanos).toEqual([43, 0]);
});
