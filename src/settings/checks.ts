/** Why a value cannot be used; the editor has a text for each. The backend checks again, and more. */
export type Problem = 'url' | 'duration' | 'count' | 'range' | 'tenant' | 'selector';

export const DURATIONS = ['lateness', 'lookbackMax', 'requestTimeout', 'queryTimeout'] as const;
export const COUNTS = ['maxLines', 'maxBytes', 'pageLimit', 'parallel'] as const;
export type DurationKey = (typeof DURATIONS)[number];
export type CountKey = (typeof COUNTS)[number];

/** Least and greatest value of a count; 0 lines a page means that the limit is learnt from Loki. */
export const BOUNDS: Record<CountKey, readonly [number, number]> = {
  maxLines: [1, Number.MAX_SAFE_INTEGER],
  maxBytes: [1, Number.MAX_SAFE_INTEGER],
  pageLimit: [0, Number.MAX_SAFE_INTEGER],
  parallel: [1, 32],
};

// The syntax of Prometheus and Loki: units from large to small, each at most once.
const DURATION = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

const TENANT = /^[A-Za-z0-9!\-_.*'()|]{1,150}$/;

const URL_SHAPE = /^https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/;

const SELECTOR = /^\s*\{\s*[A-Za-z_]\w*\s*(=|!=|=~|!~)\s*["`][\s\S]*["`]\s*,?\s*\}\s*$/;

export function durationProblem(text: string | undefined): Problem | undefined {
  return !text || DURATION.test(text) ? undefined : 'duration';
}

export function countProblem(key: CountKey, value: number | undefined): Problem | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (!Number.isInteger(value)) {
    return 'count';
  }
  const [least, greatest] = BOUNDS[key];
  return value < least || value > greatest ? 'range' : undefined;
}

export function tenantProblem(text: string | undefined): Problem | undefined {
  return !text || TENANT.test(text) ? undefined : 'tenant';
}

/** The address of a server and nothing after it but a path; user and password have fields of their own. */
export function urlProblem(text: string): Problem | undefined {
  return !text || URL_SHAPE.test(text.trim()) ? undefined : 'url';
}

/** Only the shape: one label matcher or more, in braces. */
export function selectorProblem(text: string): Problem | undefined {
  return SELECTOR.test(text) ? undefined : 'selector';
}

/** A number as typed; nothing typed is no number. */
export function parseCount(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text);
}
