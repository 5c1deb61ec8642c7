import { act, renderHook } from '@testing-library/react';
import { NEVER, Observable, of, throwError } from 'rxjs';

import { PAUSE, useAnswers } from './useAnswers';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const wait = () => act(() => jest.advanceTimersByTime(PAUSE));

describe('useAnswers', () => {
  it('asks once about each input that stays for a moment', () => {
    const ask = jest.fn((input: string) => of(input.length));
    const { result, rerender } = renderHook(({ inputs }) => useAnswers(inputs, ask, 1), {
      initialProps: { inputs: ['a', 'bb'] },
    });
    expect(result.current).toEqual({});
    act(() => jest.advanceTimersByTime(PAUSE - 1));
    rerender({ inputs: ['a', 'bbb'] });
    act(() => jest.advanceTimersByTime(PAUSE - 1));
    expect(ask).not.toHaveBeenCalled();
    wait();
    expect(result.current).toEqual({ a: { value: 1 }, bbb: { value: 3 } });
    rerender({ inputs: ['a', 'b', 'bbb', 'b'] });
    wait();
    expect(ask.mock.calls.map(([input]) => input)).toEqual(['a', 'bbb', 'b']);
  });

  it('keeps what one failure does not touch', () => {
    const ask = (input: string) => (input === 'a' ? throwError(() => ({ data: { message: 'no' } })) : of(1));
    const { result } = renderHook(() => useAnswers(['a', 'b'], ask, 1));
    wait();
    expect(result.current).toEqual({ a: { problem: 'no' }, b: { value: 1 } });
  });

  it('cancels a question that nobody has any more', () => {
    const cancelled = jest.fn();
    const ask = () => new Observable<number>(() => cancelled);
    const { rerender, unmount } = renderHook(({ inputs }) => useAnswers(inputs, ask, 1), {
      initialProps: { inputs: ['a'] },
    });
    wait();
    rerender({ inputs: ['b'] });
    expect(cancelled).toHaveBeenCalledTimes(1);
    wait();
    unmount();
    expect(cancelled).toHaveBeenCalledTimes(2);
  });

  it('asks again after a save', () => {
    const ask = jest.fn((_: string) => of(1));
    const { result, rerender } = renderHook(({ epoch }) => useAnswers(['a'], ask, epoch), {
      initialProps: { epoch: 1 },
    });
    wait();
    rerender({ epoch: 2 });
    expect(result.current).toEqual({});
    wait();
    expect(ask).toHaveBeenCalledTimes(2);
    expect(result.current).toEqual({ a: { value: 1 } });
  });

  it('waits as long as it takes', () => {
    const { result } = renderHook(() => useAnswers(['a'], () => NEVER, 1));
    wait();
    expect(result.current).toEqual({});
  });
});
