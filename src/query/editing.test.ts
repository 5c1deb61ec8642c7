import { changeFields, parseLimit } from './change';
import { changeMatcher, removeMatcher } from './matchers';
import { loadSuggestions, messageOf, narrowed } from './suggestions';

describe('changeFields', () => {
  it('sets, replaces and removes', () => {
    const before: { a?: string; b?: string[]; c?: boolean } = { a: 'x', b: ['y'], c: true };
    expect(changeFields(before, { a: '', b: ['z'], c: false })).toEqual({ b: ['z'], c: false });
  });
});

describe('parseLimit', () => {
  it.each<[string, number | undefined]>([
    ['50', 50],
    ['', undefined],
    ['0', undefined],
    ['-3', undefined],
    ['1.5', undefined],
    ['many', undefined],
  ])('%s', (text, limit) => {
    expect(parseLimit(text)).toBe(limit);
  });
});

describe('matchers', () => {
  const two = [
    { name: 'pod', op: '=' as const, value: 'a' },
    { name: 'host', op: '!=' as const, value: 'b' },
  ];

  it('changes one', () => {
    expect(changeMatcher(two, 1, { op: '=~' })[1]).toEqual({ name: 'host', op: '=~', value: 'b' });
  });

  it('adds one behind the last', () => {
    expect(changeMatcher(two, 2, { name: 'cluster' })).toEqual([...two, { name: 'cluster', op: '=', value: '' }]);
  });

  it('drops the value of another label', () => {
    expect(changeMatcher(two, 0, { name: 'namespace' })[0]).toEqual({ name: 'namespace', op: '=', value: '' });
  });

  it('removes one', () => {
    expect(removeMatcher(two, 0)).toEqual([two[1]]);
  });
});

describe('loadSuggestions', () => {
  const signature = {
    id: 'curl-dns',
    title: 'DNS',
    severity: 'high' as const,
    class: 'environment',
    family: 'dns',
    sources: ['nodeman' as const],
    status: 'active',
  };

  it('collects the lists', async () => {
    expect(
      await loadSuggestions({
        signatures: async () => [signature],
        hosts: async () => ['h1'],
        clusters: async () => ['c1'],
      })
    ).toEqual({ signatures: [signature], hosts: ['h1'], clusters: ['c1'] });
  });

  it('keeps the others when one fails, and says why', async () => {
    expect(
      await loadSuggestions({
        signatures: async () => [signature],
        hosts: () => Promise.reject({ data: { message: 'Loki answers 401' } }),
        clusters: async () => JSON.parse('null'),
      })
    ).toEqual({ signatures: [signature], hosts: [], clusters: [], problem: 'Loki answers 401' });
  });
});

describe('messageOf', () => {
  it.each<[unknown, string]>([
    [{ data: { message: 'from the backend' }, statusText: 'Bad Gateway' }, 'from the backend'],
    [{ data: { error: 'from the proxy' } }, 'from the proxy'],
    [new Error('from the browser'), 'from the browser'],
    [{ statusText: 'Bad Gateway' }, 'Bad Gateway'],
    ['words', 'words'],
  ])('%j', (error, message) => {
    expect(messageOf(error)).toBe(message);
  });
});

describe('narrowed', () => {
  it('ignores case', () => {
    expect(narrowed(['bk-nodeman', 'bk-JOB'], 'job')).toEqual(['bk-JOB']);
  });
});
