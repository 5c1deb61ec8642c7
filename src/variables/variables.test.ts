import { type DataFrame, type DataQueryResponse, FieldType, type MetricFindValue, toDataFrame } from '@grafana/data';
import { lastValueFrom, of } from 'rxjs';

import { aDatasource } from '../testdata/datasource';
import { aRequest } from '../testdata/request';
import type { VariableQuery } from './model';
import { incidentValues, logqlValues, plainValues, signatureValues, stepValues } from './values';
import { IncidentVariables } from './support';

function frame(columns: Record<string, string[]>): DataFrame {
  return toDataFrame({
    fields: Object.entries(columns).map(([name, values]) => ({ name, type: FieldType.string, values })),
  });
}

describe('values', () => {
  it('of a list are the list', () => {
    expect(plainValues(['b', 'a'])).toEqual([{ text: 'b' }, { text: 'a' }]);
  });

  it('of incidents are ids behind titles, told apart where titles repeat', () => {
    const frames = [frame({ id: ['1', '2', '3'], title: ['DNS', 'DNS', '401'] })];
    expect(incidentValues(frames)).toEqual([
      { text: 'DNS (1)', value: '1' },
      { text: 'DNS (2)', value: '2' },
      { text: '401', value: '3' },
    ]);
  });

  it('of steps are one text', () => {
    expect(stepValues([frame({ step: ['1', '2'], markdown: ['1. curl', '1. curl'] })])).toEqual([{ text: '1. curl' }]);
  });

  it('of raw lines are their queries, each once', () => {
    const query = '{pod="a"} |= "x"';
    expect(logqlValues([frame({ logql: [query, '', query] })])).toEqual([{ text: query }]);
  });

  it('of no answer are none', () => {
    expect(incidentValues([])).toEqual([]);
    expect(stepValues([])).toEqual([]);
  });

  it('say so when a column is missing', () => {
    expect(() => incidentValues([frame({ title: ['DNS'] })])).toThrow('no column "id"');
  });
});

describe('signatureValues', () => {
  it.each<[Pick<VariableQuery, 'severities' | 'sources'>, string[]]>([
    [{}, ['curl-dns', 'gse-not-connected']],
    [{ severities: ['critical'] }, ['gse-not-connected']],
    [{ sources: ['nodeman'] }, ['curl-dns', 'gse-not-connected']],
    [{ sources: ['agent'] }, ['gse-not-connected']],
    [{ severities: ['high'], sources: ['agent'] }, []],
  ])('%j', async (filters, ids) => {
    const catalogue = await aDatasource().signatures();
    expect(signatureValues(catalogue, filters).map(({ value }) => value)).toEqual(ids);
  });
});

describe('IncidentVariables', () => {
  const ask = async (query: Partial<VariableQuery>, answer: DataQueryResponse = { data: [] }, scopedVars = {}) => {
    const datasource = aDatasource();
    const sent = jest.spyOn(datasource, 'query').mockReturnValue(of(answer));
    const request = aRequest([{ refId: 'V', ...query } as VariableQuery], { scopedVars });
    const { data } = await lastValueFrom(new IncidentVariables(datasource).query(request));
    return { values: data as unknown as MetricFindValue[], sent: sent.mock.calls.map(([{ targets }]) => targets[0]) };
  };

  it('lists signatures unless told otherwise', async () => {
    expect(new IncidentVariables(aDatasource()).getDefaultQuery()).toEqual({ queryType: 'signatures' });
    expect((await ask({})).values).toContainEqual({ text: '域名无法解析', value: 'curl-dns' });
  });

  it('narrows signatures by another variable', async () => {
    const scopedVars = { severity: { text: 'critical', value: ['critical'] } };
    const { values } = await ask({ queryType: 'signatures', severities: ['$severity'] }, undefined, scopedVars);
    expect(values).toEqual([{ text: 'Agent 未连接', value: 'gse-not-connected' }]);
  });

  it('lists hosts and clusters', async () => {
    expect((await ask({ queryType: 'hosts' })).values).toEqual([{ text: '10.0.0.1' }, { text: '10.0.0.2' }]);
    expect((await ask({ queryType: 'clusters' })).values).toEqual([{ text: 'bk-prod' }]);
  });

  it('asks the backend for incidents and steps', async () => {
    const incidents = await ask(
      { queryType: 'incidents', states: ['active'] },
      { data: [frame({ id: ['1'], title: ['DNS'] })] }
    );
    expect(incidents.sent).toEqual([{ refId: 'V', queryType: 'incidents', states: ['active'] }]);
    expect(incidents.values).toEqual([{ text: 'DNS', value: '1' }]);
    const steps = await ask({ queryType: 'steps', incident: '1' }, { data: [frame({ markdown: ['do it'] })] });
    expect(steps.values).toEqual([{ text: 'do it' }]);
    const raw = await ask({ queryType: 'logql', incident: '1' }, { data: [frame({ logql: ['{a="b"}'] })] });
    expect(raw.sent).toEqual([{ refId: 'V', queryType: 'incidents', incident: '1' }]);
    expect(raw.values).toEqual([{ text: '{a="b"}' }]);
  });

  it('fails when the backend fails: an empty list would look like no incidents', async () => {
    const answer = { data: [], errors: [{ message: 'Loki does not answer' }] };
    await expect(ask({ queryType: 'incidents' }, answer)).rejects.toThrow('Loki does not answer');
  });
});
