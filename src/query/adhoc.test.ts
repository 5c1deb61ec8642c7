import { adhocMatchers, filterLabels } from './adhoc';

describe('adhocMatchers', () => {
  it('keeps the operators of labels', () => {
    expect(
      ['=', '!=', '=~', '!~'].flatMap((operator) => adhocMatchers([{ key: 'pod', operator, value: 'x' }]))
    ).toEqual(['=', '!=', '=~', '!~'].map((op) => ({ name: 'pod', op, value: 'x' })));
  });

  it('writes "one of" as an alternation of literals', () => {
    expect(adhocMatchers([{ key: 'host', operator: '=|', value: '', values: ['10.0.0.1', 'b'] }])).toEqual([
      { name: 'host', op: '=~', value: '10\\.0\\.0\\.1|b' },
    ]);
    expect(adhocMatchers([{ key: 'host', operator: '!=|', value: 'b' }])).toEqual([
      { name: 'host', op: '!~', value: 'b' },
    ]);
  });

  it('leaves out what labels cannot express', () => {
    expect(adhocMatchers([{ key: 'pod', operator: '<', value: '5' }])).toEqual([]);
  });
});

describe('filterLabels', () => {
  it('starts with the configured labels and names none twice', () => {
    expect(filterLabels({ clusterLabel: 'env', hostLabels: ['node', 'pod'] })).toEqual([
      'env',
      'node',
      'pod',
      'namespace',
      'container',
      'filename',
    ]);
  });

  it('works without a cluster label', () => {
    expect(filterLabels({ clusterLabel: '', hostLabels: [] })[0]).toBe('namespace');
  });
});
