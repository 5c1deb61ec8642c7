import { act, renderHook } from '@testing-library/react';

import { aDataSource } from '../testdata/settings';
import { useSavedConnection } from './connection';
import type { Options } from './defaults';

const opened = aDataSource({ tenant: 'a', httpHeaderName1: 'X-A' } as object, { version: 1 });

describe('useSavedConnection', () => {
  const after = (change: Partial<Options>) => {
    const { result, rerender } = renderHook((options: Options) => useSavedConnection(options), {
      initialProps: opened,
    });
    expect(result.current).toBe(true);
    act(() => rerender({ ...opened, ...change }));
    return { saved: result.current, rerender, result };
  };

  it.each<[string, Partial<Options>]>([
    ['the address', { url: 'http://other' }],
    ['the tenant', { jsonData: { ...opened.jsonData, tenant: 'b' } }],
    ['the authentication', { basicAuth: true }],
    ['a certificate', { jsonData: { ...opened.jsonData, tlsSkipVerify: true } as object }],
    ['a secret', { secureJsonData: { basicAuthPassword: 'x' } }],
  ])('changes with %s, until it is saved', (_, change) => {
    const { saved, rerender, result } = after(change);
    expect(saved).toBe(false);
    rerender({ ...opened, ...change, version: 2 });
    expect(result.current).toBe(true);
  });

  it.each<[string, Partial<Options>]>([
    ['a selector', { jsonData: { ...opened.jsonData, sources: [] } }],
    ['the name', { name: 'x' }],
    ['an empty secret', { secureJsonData: { basicAuthPassword: '' } }],
  ])('does not change with %s', (_, change) => {
    expect(after(change).saved).toBe(true);
  });
});
