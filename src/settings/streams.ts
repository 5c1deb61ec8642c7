import { t } from '@grafana/i18n';

import type { SourceSettings } from '../types';
import type { SeenStreams } from './checkup';
import { selectorProblem } from './checks';
import { problemText } from './texts';
import type { Answer } from './useAnswers';

/** A line below a field. */
export interface Remark {
  kind: 'good' | 'quiet' | 'doubt' | 'wrong';
  text: string;
}

export type Seen = Partial<Record<string, Answer<SeenStreams>>>;

/** The selectors that are worth asking about: an empty one is not written yet. */
export function selectorsOf(rows: SourceSettings[]): string[] {
  return rows.map(({ selector }) => selector).filter((selector) => selector.trim() !== '');
}

/**
 * What a row's selector finds.
 *
 * @param saved - whether the Loki on the page is the one that was asked
 */
export function streamsRemark(selector: string, answer: Answer<SeenStreams> | undefined, saved: boolean): Remark {
  const shape = selectorProblem(selector);
  const found = answer?.value;
  if (found?.problem) {
    return { kind: 'wrong', text: found.problem.message };
  }
  if (shape) {
    return { kind: 'wrong', text: problemText(shape) };
  }
  if (!saved || (found && found.streams < 0)) {
    return { kind: 'quiet', text: t('config.streams.later', 'Checked after Save & test.') };
  }
  if (answer?.problem) {
    return { kind: 'doubt', text: answer.problem };
  }
  if (!found) {
    return { kind: 'quiet', text: t('config.streams.asking', 'Looking for streams …') };
  }
  const { streams: count, hours } = found;
  if (count === 0) {
    return {
      kind: 'doubt',
      text: t(
        'config.streams.none',
        'No stream in the last {{hours}} hours fits. Compare the labels in Explore and check the collector. If you do not collect these logs, remove the row.',
        { hours }
      ),
    };
  }
  return hours > 1
    ? {
        kind: 'good',
        text: t('config.streams.quiet', 'Streams in the last {{hours}} hours: {{count}}; none in the last hour', {
          hours,
          count,
        }),
      }
    : { kind: 'good', text: t('config.streams.found', 'Streams in the last hour: {{count}}', { count }) };
}

/** The labels that the matched streams have, to choose from. */
export function labelNames(seen: Seen): string[] {
  const names = Object.values(seen).flatMap((answer) => answer?.value?.labels.map(({ name }) => name) ?? []);
  return [...new Set(names)].sort();
}

/** Streams of rows, and how many of them have at least one of some labels; at most, because a stream may have several. */
function having(rows: SourceSettings[], seen: Seen, labels: string[]): { total: number; having: number } {
  const found = rows.map(({ selector }) => seen[selector]?.value).filter((value) => value && value.streams > 0);
  const total = found.reduce((sum, value) => sum + (value?.streams ?? 0), 0);
  const counts = found.map((value) =>
    Math.min(
      value?.streams ?? 0,
      (value?.labels ?? []).filter(({ name }) => labels.includes(name)).reduce((sum, { streams }) => sum + streams, 0)
    )
  );
  return { total, having: counts.reduce((sum, count) => sum + count, 0) };
}

/** What is to be said of the host labels; nothing when every stream from a host has one, or when nobody knows. */
export function hostLabelsRemark(rows: SourceSettings[], seen: Seen, labels: string[]): Remark | undefined {
  const counted = having(
    rows.filter(({ onHost }) => onHost),
    seen,
    labels
  );
  if (counted.having >= counted.total) {
    return undefined;
  }
  return {
    kind: 'doubt',
    text: t(
      'config.host-labels.missing',
      'Streams from hosts that have none of these labels: {{missing}} of {{total}}. Their host is known only when a line names it. Add the label that names the host.',
      { missing: counted.total - counted.having, total: counted.total }
    ),
  };
}

/** The same of the cluster label. No stream having it is usual: most have one BlueKing. */
export function clusterLabelRemark(rows: SourceSettings[], seen: Seen, label: string): Remark | undefined {
  const counted = having(rows, seen, [label]);
  if (counted.having >= counted.total) {
    return undefined;
  }
  if (counted.having === 0) {
    return {
      kind: 'quiet',
      text: t(
        'config.cluster-label.absent',
        'No stream has this label, so all logs count as one cluster. That is right for a single BlueKing.'
      ),
    };
  }
  return {
    kind: 'doubt',
    text: t(
      'config.cluster-label.missing',
      'Streams without this label: {{missing}} of {{total}}. Their incidents belong to no cluster. Let the collector add it to all.',
      { missing: counted.total - counted.having, total: counted.total }
    ),
  };
}
