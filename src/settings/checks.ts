/** Why a value cannot be used; the editor has a text for each. The backend checks again, and more. */
export type Problem = 'url' | 'duration' | 'count' | 'range' | 'tenant' | 'selector';

/** Least and greatest value of a duration. */
export const DURATION_BOUNDS = {
  lateness: ['0s', '2h'],
  lookbackMax: ['1h', '30d'],
  requestTimeout: ['1s', '5m'],
  queryTimeout: ['1s', '10m'],
} as const;

/** Least and greatest value of a count; 0 lines a page means that the limit is learnt from Loki. */
export const COUNT_BOUNDS = {
  maxLines: [1, 5000000],
  maxBytes: [1048576, 107374182400],
  pageLimit: [0, 1000000],
  parallel: [1, 32],
} as const;

export type DurationKey = keyof typeof DURATION_BOUNDS;
export type CountKey = keyof typeof COUNT_BOUNDS;
export const DURATIONS = Object.keys(DURATION_BOUNDS) as DurationKey[];
export const COUNTS = Object.keys(COUNT_BOUNDS) as CountKey[];

// The syntax of Prometheus and Loki: units from large to small, each at most once.
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const UNITS = [365 * DAY, 7 * DAY, DAY, 60 * 60 * SECOND, 60 * SECOND, SECOND, 1];

const TENANT = /^[A-Za-z0-9!\-_.*'()]{1,150}$/;

const URL_SHAPE = /^https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/;

const SELECTOR = /^\s*\{\s*[A-Za-z_]\w*\s*(=|!=|=~|!~)\s*["`][\s\S]*["`]\s*,?\s*\}\s*$/;

/** Milliseconds of a duration; undefined for a text that is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') {
    return 0;
  }
  const parts = text && DURATION.exec(text);
  return parts ? UNITS.reduce((sum, unit, at) => sum + Number(parts[at + 1] ?? 0) * unit, 0) : undefined;
}

export function durationProblem(key: DurationKey, text: string | undefined): Problem | undefined {
  if (!text) {
    return undefined;
  }
  const value = parseDuration(text);
  if (value === undefined) {
    return 'duration';
  }
  const [least, greatest] = DURATION_BOUNDS[key].map((bound) => parseDuration(bound) ?? 0);
  return value < least || value > greatest ? 'range' : undefined;
}

export function countProblem(key: CountKey, value: number | undefined): Problem | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (!Number.isInteger(value)) {
    return 'count';
  }
  const [least, greatest] = COUNT_BOUNDS[key];
  return value < least || value > greatest ? 'range' : undefined;
}

export function tenantProblem(text: string | undefined): Problem | undefined {
  const allowed = (one: string) => TENANT.test(one) && one !== '.' && one !== '..';
  return !text || text.split('|').every(allowed) ? undefined : 'tenant';
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
