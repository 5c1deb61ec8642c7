import {
  createDataFrame,
  type DataFrame,
  type DataQueryRequest,
  FieldType,
  SupplementaryQueryType,
} from '@grafana/data';

import type { IncidentsQuery } from '../types';
import { splitVolumes, supplementaryQuery, supplementaryRequest } from './volume';

const volume = { type: SupplementaryQueryType.LogsVolume } as const;
const sample = { type: SupplementaryQueryType.LogsSample, limit: 20 } as const;
const evidence: IncidentsQuery = {
  refId: 'A',
  queryType: 'evidence',
  signatures: ['curl-dns'],
  matchers: [{ name: 'pod', op: '=', value: 'x' }],
  incident: 'abc-1',
  limit: 10,
};

describe('supplementaryQuery', () => {
  it('counts the same lines by level, all of them', () => {
    expect(supplementaryQuery(volume, evidence)).toEqual({
      refId: 'log-volume-A',
      queryType: 'timeline',
      stat: 'levels',
      signatures: ['curl-dns'],
      matchers: evidence.matchers,
      incident: 'abc-1',
    });
  });

  it('samples the lines behind a table', () => {
    expect(supplementaryQuery(sample, { refId: 'A', queryType: 'incidents', severities: ['high'] })).toEqual({
      refId: 'log-sample-A',
      queryType: 'evidence',
      severities: ['high'],
      limit: 20,
    });
  });

  it.each<[string, typeof volume | typeof sample, IncidentsQuery]>([
    ['no volume of a table', volume, { refId: 'A', queryType: 'incidents' }],
    ['no sample of logs', sample, evidence],
    ['no sample of steps', sample, { refId: 'A', queryType: 'steps', incident: 'x' }],
    ['nothing of a hidden query', volume, { ...evidence, hide: true }],
  ])('%s', (_, options, query) => {
    expect(supplementaryQuery(options, query)).toBeUndefined();
  });
});

describe('supplementaryRequest', () => {
  const request = (targets: IncidentsQuery[]) =>
    ({ targets, scopedVars: { a: { text: '1', value: '1' } } }) as unknown as DataQueryRequest<IncidentsQuery>;

  it('asks for what has a volume, without touching the request', () => {
    const original = request([evidence, { refId: 'B', queryType: 'incidents' }]);
    const made = supplementaryRequest(SupplementaryQueryType.LogsVolume, original);
    expect(made?.targets.map(({ refId }) => refId)).toEqual(['log-volume-A']);
    expect(made?.scopedVars).toEqual(original.scopedVars);
    expect(made?.scopedVars).not.toBe(original.scopedVars);
    expect(original.targets).toHaveLength(2);
  });

  it('is none when nothing has one', () => {
    expect(
      supplementaryRequest(SupplementaryQueryType.LogsVolume, request([{ refId: 'B', queryType: 'count' }]))
    ).toBeUndefined();
  });
});

describe('splitVolumes', () => {
  const frame = (refId: string) =>
    createDataFrame({
      refId,
      fields: [
        { name: 'time', type: FieldType.time, values: [1, 2] },
        { name: 'value', type: FieldType.number, values: [0, 1], labels: { level: 'error' } },
        { name: 'value', type: FieldType.number, values: [3, 0], labels: { level: 'warning' } },
      ],
    });

  it('gives each level a frame of its own, which Explore colours by its label', () => {
    const { data } = splitVolumes({ data: [frame('log-volume-A')] });
    expect(
      data.map(({ refId, length, fields }: DataFrame) => [refId, length, fields.length, fields[1].labels?.level])
    ).toEqual([
      ['log-volume-A', 2, 2, 'error'],
      ['log-volume-A', 2, 2, 'warning'],
    ]);
  });

  it('leaves graphs as they are', () => {
    const graph = frame('A');
    expect(splitVolumes({ data: [graph] }).data).toEqual([graph]);
  });

  it('makes no frame of no lines', () => {
    expect(splitVolumes({ data: [createDataFrame({ refId: 'log-volume-A', fields: [] })] }).data).toEqual([]);
  });
});
