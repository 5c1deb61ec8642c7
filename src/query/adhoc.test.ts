import { adhocLists, adhocMatchers, filterLabels, needsCatalogue } from './adhoc';

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

describe('adhocMatchers with hostile input', () => {
  it('takes values as they are; the backend quotes them', () => {
    const value = 'a"b\\c{d}`e\n$f';
    expect(adhocMatchers([{ key: 'pod', operator: '=', value }])).toEqual([{ name: 'pod', op: '=', value }]);
    expect(adhocMatchers([{ key: 'pod', operator: '=|', value: '', values: ['a|b', '(c)', '[d]', '\\'] }])).toEqual([
      { name: 'pod', op: '=~', value: 'a\\|b|\\(c\\)|\\[d\\]|\\\\' },
    ]);
  });

  it.each(['constructor', 'toString', '__proto__', '>', ''])('is not led astray by the operator %j', (operator) => {
    expect(adhocMatchers([{ key: 'pod', operator, value: 'x' }])).toEqual([]);
  });

  it.each(['constructor', 'hasOwnProperty'])('takes %s for a label like any other', (key) => {
    expect(adhocMatchers([{ key, operator: '=', value: 'x' }])).toEqual([{ name: key, op: '=', value: 'x' }]);
    expect(adhocLists({}, [{ key, operator: '=', value: 'x' }], [])).toEqual({});
  });
});

describe('adhocLists', () => {
  const catalogue = ['curl-dns', 'curl-404', 'job-api-401'];
  const signatures = (operator: string, value: string, values?: string[], have?: string[]) =>
    adhocLists({ signatures: have }, [{ key: 'signature', operator, value, values }], catalogue).signatures;

  it.each<[string, string, string[] | undefined, string[]]>([
    ['=', 'curl-dns', undefined, ['curl-dns']],
    ['=', 'misspelt', undefined, ['misspelt']],
    ['!=', 'curl-dns', undefined, ['curl-404', 'job-api-401']],
    ['=|', '', ['curl-dns', 'trial'], ['curl-dns', 'trial']],
    ['!=|', '', ['curl-dns', 'curl-404'], ['job-api-401']],
    ['=~', 'curl-.*', undefined, ['curl-dns', 'curl-404']],
    ['=~', 'curl', undefined, []],
    ['!~', 'curl-.*', undefined, ['job-api-401']],
    ['=~', '(', undefined, ['(']],
  ])('%s %s %j', (operator, value, values, picked) => {
    expect(signatures(operator, value, values)).toEqual(picked);
  });

  it('narrow what the query has chosen, down to nothing', () => {
    expect(signatures('!=', 'curl-dns', undefined, ['curl-dns', 'curl-404'])).toEqual(['curl-404']);
    expect(signatures('=', 'curl-dns', undefined, ['curl-404'])).toEqual([]);
  });

  it('know the severities', () => {
    expect(adhocLists({}, [{ key: 'severity', operator: '!=', value: 'low' }], []).severities).toEqual([
      'critical',
      'high',
      'medium',
    ]);
  });

  it('are joined by "and"', () => {
    const filters = [
      { key: 'signature', operator: '=~', value: 'curl-.*' },
      { key: 'signature', operator: '!=', value: 'curl-404' },
    ];
    expect(adhocLists({}, filters, catalogue).signatures).toEqual(['curl-dns']);
  });

  it('leave the query alone while the catalogue is unknown', () => {
    const filters = [{ key: 'signature', operator: '!=', value: 'curl-dns' }];
    expect(needsCatalogue(filters)).toBe(true);
    expect(needsCatalogue([{ key: 'signature', operator: '=', value: 'curl-dns' }])).toBe(false);
    expect(adhocLists({}, filters, []).signatures).toBeUndefined();
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
