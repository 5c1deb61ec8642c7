import { t } from '@grafana/i18n';
import type { ComboboxOption } from '@grafana/ui';

import {
  type IncidentsQuery,
  type Language,
  LANGUAGES,
  MATCH_OPS,
  type QueryType,
  SEVERITIES,
  type Severity,
  type Signature,
  SOURCES,
  type Stat,
  type State,
  STATES,
  type View,
} from '../types';
import { type Field, statsFor, viewsFor } from './fields';
import { VARIABLE_TYPES, type VariableType } from '../variables/model';

/** What a select offers. The same shape fits Combobox and MultiSelect. */
export type Choice<T extends string = string> = ComboboxOption<T> & { label: string };

function choices<T extends string>(values: readonly T[], text: (value: T) => [string, string?]): Array<Choice<T>> {
  return values.map((value) => {
    const [label, description] = text(value);
    return description ? { value, label, description } : { value, label };
  });
}

export function typeChoices(offered: readonly QueryType[]): Array<Choice<QueryType>> {
  const texts: Record<QueryType, [string, string]> = {
    incidents: [
      t('query-type.incidents.label', 'Incidents'),
      t('query-type.incidents.description', 'A table with one row for each incident: what failed, where, since when'),
    ],
    annotations: [
      t('query-type.annotations.label', 'Annotations'),
      t('query-type.annotations.description', 'Incidents as marked regions on graphs'),
    ],
    alert: [
      t('query-type.alert.label', 'Alert'),
      t('query-type.alert.description', '1 for every active incident, 0 when it has just ended; for alert rules'),
    ],
    count: [
      t('query-type.count.label', 'Count'),
      t('query-type.count.description', 'One number for each signature, including 0; for stats and simple alert rules'),
    ],
    evidence: [
      t('query-type.evidence.label', 'Evidence'),
      t('query-type.evidence.description', 'The log lines that incidents rest on'),
    ],
    steps: [
      t('query-type.steps.label', 'Steps'),
      t('query-type.steps.description', 'What to do about an incident, with the values from its log filled in'),
    ],
    signatures: [
      t('query-type.signatures.label', 'Signatures'),
      t('query-type.signatures.description', 'The catalogue of known failures, with counts over the time range'),
    ],
    timeline: [
      t('query-type.timeline.label', 'Timeline'),
      t('query-type.timeline.description', 'One series for each signature over the time range; for graphs'),
    ],
    unmatched: [
      t('query-type.unmatched.label', 'Unmatched'),
      t('query-type.unmatched.description', 'Error lines that no signature explains'),
    ],
    hosts: [
      t('query-type.hosts.label', 'Hosts'),
      t(
        'query-type.hosts.description',
        'A table with one row for each host: what fails on it, since when, recovered or not'
      ),
    ],
    context: [
      t('query-type.context.label', 'Context'),
      t('query-type.context.description', 'The lines of one log stream around a line of evidence'),
    ],
    changes: [
      t('query-type.changes.label', 'Changes'),
      t(
        'query-type.changes.description',
        'What was different before an incident: new pods, versions, seen before or not'
      ),
    ],
    explain: [
      t('query-type.explain.label', 'Explain'),
      t('query-type.explain.description', 'What one log line is: a known failure, nearly one, or unknown'),
    ],
    review: [
      t('query-type.review.label', 'Review'),
      t('query-type.review.description', 'How the range went: what failed, how long it took, what is noise'),
    ],
    health: [
      t('query-type.health.label', 'Health'),
      t('query-type.health.description', '1 while every source answers and ships lines, else 0 and the reason'),
    ],
  };
  return choices(offered, (type) => texts[type] ?? [type]);
}

export function variableTypeChoices(): Array<Choice<VariableType>> {
  const texts: Record<VariableType, [string, string]> = {
    signatures: [
      t('variable-type.signatures.label', 'Signatures'),
      t('variable-type.signatures.description', 'Ids of known failures, shown by title'),
    ],
    hosts: [
      t('variable-type.hosts.label', 'Hosts'),
      t('variable-type.hosts.description', 'Hosts that ship logs of their own'),
    ],
    clusters: [
      t('variable-type.clusters.label', 'Clusters'),
      t('variable-type.clusters.description', 'Values of the cluster label'),
    ],
    incidents: [
      t('variable-type.incidents.label', 'Incidents'),
      t('variable-type.incidents.description', 'Ids of the incidents in the time range, shown by title'),
    ],
    steps: [
      t('variable-type.steps.label', 'Steps'),
      t('variable-type.steps.description', 'The remediation as one Markdown text, for text panels'),
    ],
    logql: [
      t('variable-type.logql.label', 'Raw lines'),
      t('variable-type.logql.description', 'The LogQL query of the raw lines of an incident, for panels that ask Loki'),
    ],
  };
  return choices(VARIABLE_TYPES, (type) => texts[type]);
}

/** The views of a query. */
export function viewChoices(queryType: QueryType): Array<Choice<View>> {
  const texts: Partial<Record<View, [string, string]>> = {
    brief: [
      t('view.brief.label', 'Main columns'),
      t('view.brief.description', 'What failed, where, since when, how sure, and what to do first'),
    ],
    all: [t('view.all.label', 'All columns'), t('view.all.description', 'Also cause, reasons, class, ids and links')],
    identity: [
      t('view.identity.label', 'Identity'),
      t(
        'view.identity.description',
        'Only the labels that never change while an incident lives; the rule fires on this'
      ),
    ],
    evidence: [
      t('view.evidence.label', 'Evidence'),
      t(
        'view.evidence.description',
        'The same rows with title, evidence, hosts, first step and links; for notifications'
      ),
    ],
  };
  return choices(viewsFor(queryType), (view) => texts[view] ?? [view]);
}

export function statChoices(offered: readonly Stat[]): Array<Choice<Stat>> {
  const texts: Record<Stat, [string, string]> = {
    active: [
      t('stat.active.label', 'Active'),
      t('stat.active.description', 'Incidents active at the end of the range, or of each step of a graph'),
    ],
    started: [t('stat.started.label', 'Started'), t('stat.started.description', 'Incidents that started in the range')],
    lines: [t('stat.lines.label', 'Lines'), t('stat.lines.description', 'Log lines in the range')],
    hosts: [t('stat.hosts.label', 'Hosts'), t('stat.hosts.description', 'Distinct hosts of active incidents')],
    levels: [
      t('stat.levels.label', 'Levels'),
      t('stat.levels.description', 'Log lines in the range, for each log level'),
    ],
    clusters: [
      t('stat.clusters.label', 'Kinds of errors'),
      t('stat.clusters.description', 'One row for each kind, the most frequent first, with a draft signature'),
    ],
    coverage: [
      t('stat.coverage.label', 'Coverage'),
      t('stat.coverage.description', 'Share of error lines that signatures explain, for each source'),
    ],
    signatures: [
      t('stat.signatures.label', 'By signature'),
      t('stat.signatures.description', 'What each signature found'),
    ],
    classes: [
      t('stat.classes.label', 'By class'),
      t('stat.classes.description', 'Incidents by where the fault lies: environment, operation, upstream'),
    ],
    causes: [
      t('stat.causes.label', 'Time to recover'),
      t('stat.causes.description', 'Mean and longest time to recover for each cause, the costliest first'),
    ],
    weeks: [
      t('stat.weeks.label', 'By week'),
      t('stat.weeks.description', 'New incidents, error lines, and the share of them that is explained'),
    ],
    noise: [
      t('stat.noise.label', 'Noise'),
      t('stat.noise.description', 'Signatures whose incidents come and go by themselves, and what to do about them'),
    ],
    never: [t('stat.never.label', 'Never seen'), t('stat.never.description', 'Active signatures without an incident')],
  };
  return choices(offered, (stat) => texts[stat]);
}

/** What is chosen in the first row of the editor, with the explanations. */
export function chosenFor(query: IncidentsQuery, fields: ReadonlySet<Field>): Choice[] {
  const { queryType, stat = statsFor(queryType)[0] } = query;
  const view = query.view ?? (queryType === 'alert' ? 'identity' : undefined);
  return [
    ...typeChoices([queryType]),
    ...(fields.has('view') ? viewChoices(queryType).filter(({ value }) => value === view) : []),
    ...(fields.has('stat') && stat ? statChoices([stat]) : []),
  ];
}

export function severityChoices(): Array<Choice<Severity>> {
  const texts: Record<Severity, string> = {
    critical: t('severity.critical', 'Critical'),
    high: t('severity.high', 'High'),
    medium: t('severity.medium', 'Medium'),
    low: t('severity.low', 'Low'),
  };
  return choices(SEVERITIES, (severity) => [texts[severity]]);
}

export function stateChoices(): Array<Choice<State>> {
  const texts: Record<State, string> = {
    active: t('state.active', 'Active'),
    resolved: t('state.resolved', 'Resolved'),
  };
  return choices(STATES, (state) => [texts[state]]);
}

/** Languages are named in themselves, so they are the same in every language. */
export function languageChoices(): Array<Choice<Language>> {
  const names: Record<Language, string> = { zh: '中文', en: 'English' };
  return choices(LANGUAGES, (language) => [names[language]]);
}

/** The known sources, then those that only custom signatures read. */
export function sourceChoices(catalogue: Signature[]): Choice[] {
  const all = new Set([...SOURCES, ...catalogue.flatMap(({ sources }) => sources).sort()]);
  return choices<string>([...all], (source) => [source]);
}

export function opChoices(): Choice[] {
  return choices<string>(MATCH_OPS, (op) => [op]);
}

export function signatureChoices(catalogue: Signature[]): Choice[] {
  return catalogue.map(({ id, title }) => ({ value: id, label: title, description: id }));
}

/** The chosen values as options: known ones by their label, others (variables, removed signatures) as they are. */
export function chosen(values: string[] | undefined, offered: Choice[]): Choice[] {
  return (values ?? []).map((value) => offered.find((choice) => choice.value === value) ?? { value, label: value });
}

export function plainChoices(values: string[]): Choice[] {
  return values.map((value) => ({ value, label: value }));
}
