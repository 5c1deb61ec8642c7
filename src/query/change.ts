/** Changes fields of a query. A filter that was emptied is removed, so that the stored JSON says only what was asked. */
export function changeFields<Q extends object>(query: Q, change: Partial<Q>): Q {
  const entries = Object.entries({ ...query, ...change }).filter(([, value]) => !isEmpty(value));
  return Object.fromEntries(entries) as Q;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** A row limit as typed: a whole number above 0, or the default of the backend. */
export function parseLimit(text: string): number | undefined {
  const limit = Number(text);
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}
