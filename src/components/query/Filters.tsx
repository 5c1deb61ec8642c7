import React from 'react';
import { t } from '@grafana/i18n';

import {
  type Choice,
  plainChoices,
  severityChoices,
  signatureChoices,
  sourceChoices,
  stateChoices,
} from '../../query/choices';
import { emptyMeansAll, type Field } from '../../query/fields';
import type { Suggestions } from '../../query/suggestions';
import type { IncidentsQuery } from '../../types';
import { MultiChoice } from './MultiChoice';

export type FilterKey = 'signatures' | 'severities' | 'states' | 'sources' | 'clusters' | 'hosts';

interface Props {
  query: Pick<IncidentsQuery, FilterKey>;
  fields: ReadonlySet<Field>;
  suggestions: Suggestions;
  /** `$name` of each dashboard variable; any of them may stand for a value. */
  variables: string[];
  onChange: (change: Pick<IncidentsQuery, FilterKey>) => void;
}

interface Filter {
  key: FilterKey;
  label: string;
  tooltip?: string;
  width: number;
  offered: Choice[];
}

function filters(suggestions: Suggestions, emptyIsAll: boolean): Filter[] {
  return [
    {
      key: 'signatures',
      label: t('query-editor.signatures.label', 'Signatures'),
      tooltip: emptyIsAll
        ? t('query-editor.signatures.tooltip', 'The kinds of failure to look for; none chosen means all')
        : t('query-editor.signatures.subject', 'The kinds of failure whose steps to show'),
      width: 36,
      offered: signatureChoices(suggestions.signatures),
    },
    {
      key: 'severities',
      label: t('query-editor.severities.label', 'Severities'),
      width: 16,
      offered: severityChoices(),
    },
    {
      key: 'states',
      label: t('query-editor.states.label', 'States'),
      tooltip: t('query-editor.states.tooltip', 'As of the end of the time range'),
      width: 16,
      offered: stateChoices(),
    },
    {
      key: 'sources',
      label: t('query-editor.sources.label', 'Sources'),
      width: 20,
      offered: sourceChoices(suggestions.signatures),
    },
    {
      key: 'clusters',
      label: t('query-editor.clusters.label', 'Clusters'),
      width: 16,
      offered: plainChoices(suggestions.clusters),
    },
    {
      key: 'hosts',
      label: t('query-editor.hosts.label', 'Hosts'),
      tooltip: t('query-editor.hosts.tooltip', 'The hosts that failed, not the pods that logged it'),
      width: 20,
      offered: plainChoices(suggestions.hosts),
    },
  ];
}

export function Filters({ query, fields, suggestions, variables, onChange }: Props) {
  const emptyIsAll = emptyMeansAll(fields);
  const empty = emptyIsAll ? t('query-editor.all', 'All') : t('query-editor.none', 'None');
  const shown = filters(suggestions, emptyIsAll).filter(({ key }) => fields.has(key));
  return (
    <>
      {shown.map(({ key, offered, ...field }) => (
        <MultiChoice
          key={key}
          {...field}
          placeholder={empty}
          values={query[key]}
          offered={[...offered, ...plainChoices(variables)]}
          onChange={(values) => onChange({ [key]: values })}
        />
      ))}
    </>
  );
}
