import { t } from '@grafana/i18n';

import { DEFAULT_SETTINGS, type IncidentsQuery, type QueryType, type Signature, SOURCES, type Stat } from '../types';
import { chosen, severityChoices, signatureChoices, stateChoices } from './choices';
import { statsFor } from './fields';

/** React escapes what it shows; t() must not do it before (it does unless Grafana has told it otherwise). */
const interpolation = { escapeValue: false };

/** How many signatures are named before they are counted. */
const NAMED = 2;

/** The signatures that a query is about, as pkg/query.Choose picks them. */
export function chosenSignatures(
  catalogue: Signature[],
  { queryType, signatures = [], severities = [], sources = [] }: IncidentsQuery
): Signature[] {
  return catalogue.filter(
    (signature) =>
      (signatures.length > 0
        ? signatures.includes(signature.id)
        : queryType === 'signatures' || signature.status === 'active') &&
      (severities.length === 0 || severities.includes(signature.severity)) &&
      (sources.length === 0 || signature.sources.some((source) => sources.includes(source)))
  );
}

/** One plain sentence: where a query looks, for what, and what it answers with. Its variables are replaced already. */
export function summary(query: IncidentsQuery, catalogue: Signature[]): string {
  const answer = answerOf(query);
  if (query.queryType === 'explain' || (query.queryType === 'steps' && !query.incident)) {
    return t('summary.steps', 'Reads no logs; answers with {{answer}}.', { answer, interpolation });
  }
  const of = chosenSignatures(catalogue, query);
  const where = [join(sourcesOf(query, of)), ...qualifiers(query)].join(' ');
  if (query.queryType === 'unmatched' || query.queryType === 'health') {
    return t('summary.all', 'Looks at the logs of {{where}}; answers with {{answer}}.', {
      where,
      answer,
      interpolation,
    });
  }
  const signatures = named(query, of);
  return t('summary.search', 'Looks in the logs of {{where}} for {{signatures}}; answers with {{answer}}.', {
    where,
    signatures,
    answer,
    interpolation,
  });
}

function join(texts: string[]): string {
  return texts.join(t('summary.separator', ', '));
}

function named(query: IncidentsQuery, of: Signature[]): string {
  const asked = query.signatures ?? [];
  if (asked.length > 0 && asked.length <= NAMED) {
    return join(chosen(asked, signatureChoices(of)).map(({ label }) => `“${label}”`));
  }
  return of.length > 0 && of.length <= NAMED
    ? join(signatureChoices(of).map(({ label }) => `“${label}”`))
    : t('summary.signatures', '{{count}} signatures', { count: of.length });
}

function sourcesOf({ queryType, sources = [] }: IncidentsQuery, of: Signature[]): string[] {
  if (sources.length > 0) {
    return sources;
  }
  if (queryType === 'unmatched' || queryType === 'health' || of.length === 0) {
    return [...new Set(DEFAULT_SETTINGS.sources.map(({ source }) => source))];
  }
  const read = new Set(of.flatMap((signature) => signature.sources));
  return [...SOURCES.filter((source) => read.delete(source)), ...[...read].sort()];
}

/** What narrows the places, each as it reads in the editor. */
function qualifiers({
  queryType,
  clusters,
  hosts,
  states,
  severities,
  matchers = [],
  incident,
}: IncidentsQuery): string[] {
  const filter = (label: string, values: string[] | undefined) =>
    values?.length ? [`${label} ${values.join(' | ')}`] : [];
  const narrowed = [
    ...filter(t('query-editor.clusters.label', 'Clusters'), clusters),
    ...filter(t('query-editor.hosts.label', 'Hosts'), hosts),
    ...filter(t('query-editor.severities.label', 'Severities'), labels(severities, severityChoices())),
    ...filter(t('query-editor.states.label', 'States'), labels(states, stateChoices())),
    ...filter(t('query-editor.incident.label', 'Incident'), incident ? [incident] : []),
    ...matchers.map(({ name, op, value }) => `${name}${op}${JSON.stringify(value)}`),
  ];
  if (queryType === 'health' || narrowed.length === 0) {
    return [];
  }
  const conditions = narrowed.join(t('summary.also', '; '));
  return [t('summary.narrowed', '({{conditions}})', { conditions, interpolation })];
}

function labels(values: string[] | undefined, offered: Parameters<typeof chosen>[1]): string[] {
  return chosen(values, offered).map(({ label }) => label);
}

function answerOf({ queryType, stat = statsFor(queryType)[0] }: IncidentsQuery): string {
  const ofUnmatched: Partial<Record<Stat, string>> = {
    coverage: t('answer.coverage', 'the share of explained errors for each source'),
    lines: t('answer.unexplained', 'the number of unexplained error lines for each source'),
  };
  const answers: Record<QueryType, string> = {
    incidents: t('answer.incidents', 'one row for each incident'),
    hosts: t('answer.hosts', 'one row for each host of each incident'),
    annotations: t('answer.annotations', 'one mark for each incident'),
    alert: t('answer.alert', '1 or 0 for each incident'),
    count: t('answer.count', 'one number for each signature'),
    evidence: t('answer.evidence', 'the matching lines, newest first'),
    steps: t('answer.steps', 'what to do'),
    signatures: t('answer.signatures', 'the catalogue with what each signature found'),
    timeline:
      stat === 'levels'
        ? t('answer.levels', 'one series for each log level')
        : t('answer.timeline', 'one series for each signature'),
    unmatched: ofUnmatched[stat] ?? t('answer.unmatched', 'one row for each kind of unexplained error'),
    context: t('answer.context', 'the lines of one stream, newest first'),
    changes: t('answer.changes', 'what was different before the incident'),
    explain: t('answer.explain', 'what the line is'),
    review: t('answer.review', 'how the range went'),
    health: t('answer.health', '1 when all is well, else 0 and the reason'),
  };
  return answers[queryType] ?? queryType;
}
