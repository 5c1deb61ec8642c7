import type { DataSource } from '../datasource';
import type { Signature } from '../types';

/** What the selects of an editor offer. Anything else can still be typed. */
export interface Suggestions {
  signatures: Signature[];
  hosts: string[];
  clusters: string[];
  /** Why something is missing, in the words of the backend. */
  problem?: string;
}

export const NO_SUGGESTIONS: Suggestions = { signatures: [], hosts: [], clusters: [] };

type Lister = Pick<DataSource, 'signatures' | 'hosts' | 'clusters'>;

/** Asks for everything at once; one list that fails does not take the others with it. */
export async function loadSuggestions(datasource: Lister): Promise<Suggestions> {
  const [signatures, hosts, clusters] = await Promise.allSettled([
    datasource.signatures(),
    datasource.hosts(),
    datasource.clusters(),
  ]);
  const failed = [signatures, hosts, clusters].find((answer) => answer.status === 'rejected');
  return {
    signatures: valueOf(signatures, []),
    hosts: valueOf(hosts, []),
    clusters: valueOf(clusters, []),
    ...(failed && { problem: messageOf(failed.reason) }),
  };
}

function valueOf<T>(answer: PromiseSettledResult<T | null>, otherwise: T): T {
  // Go writes an empty list as null where nobody made one.
  return (answer.status === 'fulfilled' && answer.value) || otherwise;
}

/** The text of a failure: the backend's own words where it answered, otherwise whatever the browser knows. */
export function messageOf(error: unknown): string {
  const { data, message, statusText } = (error ?? {}) as {
    data?: { message?: string; error?: string };
    message?: string;
    statusText?: string;
  };
  return data?.message || data?.error || message || statusText || String(error);
}

/** The suggestions that contain what was typed so far. */
export function narrowed(values: string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  return values.filter((value) => value.toLowerCase().includes(wanted));
}
