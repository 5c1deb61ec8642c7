import type { Matcher } from '../types';

const NEW: Matcher = { name: '', op: '=', value: '' };

/**
 * Changes the matcher at an index, or adds one behind the last. Another label starts without a value: the old one
 * belonged to the old label.
 */
export function changeMatcher(matchers: Matcher[], index: number, change: Partial<Matcher>): Matcher[] {
  const old = matchers[index] ?? NEW;
  const value = change.name !== undefined && change.name !== old.name ? '' : old.value;
  const changed = { ...old, value, ...change };
  return [...matchers.slice(0, index), changed, ...matchers.slice(index + 1)];
}

export function removeMatcher(matchers: Matcher[], index: number): Matcher[] {
  return matchers.filter((_, at) => at !== index);
}
