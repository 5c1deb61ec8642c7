import type { IncidentsQuery } from '../types';
import { addFilter, hasFilter, toggleFilter } from './toggle';

const base: IncidentsQuery = { refId: 'A', queryType: 'evidence' };
const catalogue = ['curl-dns', 'curl-404', 'job-api-401'];
const plus = (query: IncidentsQuery, key: string, value: string) =>
  toggleFilter(query, 'FILTER_FOR', { key, value }, catalogue);
const minus = (query: IncidentsQuery, key: string, value: string) =>
  toggleFilter(query, 'FILTER_OUT', { key, value }, catalogue);

describe('toggleFilter', () => {
  it('adds, finds and removes a stream label, whatever is in its value', () => {
    const value = '/data/"a"\\b{c}|.*';
    const filtered = plus(base, 'filename', value);
    expect(filtered.matchers).toEqual([{ name: 'filename', op: '=', value }]);
    expect(hasFilter(filtered, { key: 'filename', value })).toBe(true);
    expect(plus(filtered, 'filename', value)).toEqual(base);
  });

  it('replaces the opposite', () => {
    const query: IncidentsQuery = { ...base, matchers: [{ name: 'pod', op: '=~', value: 'bk-.*' }] };
    const out = minus(plus(query, 'pod', 'a'), 'pod', 'a');
    expect(out.matchers).toEqual([...query.matchers!, { name: 'pod', op: '!=', value: 'a' }]);
    expect(hasFilter(out, { key: 'pod', value: 'a' })).toBe(false);
    expect(minus(out, 'pod', 'a')).toEqual(query);
  });

  it('shows only one signature, or all again', () => {
    const only = plus({ ...base, signatures: ['curl-404', 'curl-dns'] }, 'signature', 'curl-dns');
    expect(only.signatures).toEqual(['curl-dns']);
    expect(hasFilter(only, { key: 'signature', value: 'curl-dns' })).toBe(true);
    expect(plus(only, 'signature', 'curl-dns')).toEqual(base);
  });

  it('leaves a signature out', () => {
    expect(minus(base, 'signature', 'curl-dns').signatures).toEqual(['curl-404', 'job-api-401']);
    expect(minus({ ...base, signatures: ['curl-dns', 'trial'] }, 'signature', 'curl-dns').signatures).toEqual([
      'trial',
    ]);
    expect(minus({ ...base, signatures: ['curl-dns'] }, 'signature', 'curl-dns').signatures).toEqual([
      'curl-404',
      'job-api-401',
    ]);
  });

  it('shows one incident; one cannot be left out', () => {
    const only = plus(base, 'incident', 'abc-1');
    expect(only.incident).toBe('abc-1');
    expect(plus(only, 'incident', 'abc-1')).toEqual(base);
    expect(minus(base, 'incident', 'abc-1')).toBe(base);
  });
});

describe('addFilter', () => {
  const action = (type: string) => ({ type, options: { key: 'pod', value: 'a' } });

  it('adds once, and never removes', () => {
    const once = addFilter(base, action('ADD_FILTER'), catalogue);
    expect(once.matchers).toEqual([{ name: 'pod', op: '=', value: 'a' }]);
    expect(addFilter(once, action('ADD_FILTER'), catalogue)).toBe(once);
    expect(addFilter(base, action('ADD_FILTER_OUT'), catalogue).matchers?.[0].op).toBe('!=');
  });

  it('ignores what it does not know', () => {
    expect(addFilter(base, action('ADD_STRING_FILTER'), catalogue)).toBe(base);
    expect(addFilter(base, { type: 'ADD_FILTER' }, catalogue)).toBe(base);
  });
});
