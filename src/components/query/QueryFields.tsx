import React from 'react';
import { t } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';
import type { DataQuery } from '@grafana/schema';
import { Alert } from '@grafana/ui';

import type { DataSource } from '../../datasource';
import { userLanguage } from '../../language';
import { filterLabels } from '../../query/adhoc';
import { parseLimit } from '../../query/change';
import { languageChoices } from '../../query/choices';
import { type Field, filterRow, refineRow } from '../../query/fields';
import type { IncidentsQuery, Language } from '../../types';
import { Filters } from './Filters';
import { MatcherList } from './MatcherList';
import { SingleChoice } from './SingleChoice';
import { TextField } from './TextField';
import { useSuggestions } from './useSuggestions';

export type FieldValues = Omit<IncidentsQuery, keyof DataQuery>;

interface Props {
  datasource: DataSource;
  query: FieldValues;
  fields: ReadonlySet<Field>;
  onChange: (change: FieldValues) => void;
}

/** The fields that queries, annotations and variables share. */
export function QueryFields({ datasource, query, fields, onChange }: Props) {
  const suggestions = useSuggestions(datasource);
  const variables = datasource.variableNames();
  return (
    <>
      {filterRow(fields) && (
        <EditorRow>
          <Filters query={query} fields={fields} suggestions={suggestions} variables={variables} onChange={onChange} />
        </EditorRow>
      )}
      {refineRow(fields) && (
        <EditorRow>
          {fields.has('matchers') && (
            <MatcherList
              matchers={query.matchers ?? []}
              labels={filterLabels(datasource.settings)}
              valuesOf={async (label) => [...(await datasource.labelValues(label)), ...variables]}
              onChange={(matchers) => onChange({ matchers })}
            />
          )}
          {fields.has('incident') && (
            <TextField
              label={t('query-editor.incident.label', 'Incident')}
              tooltip={t(
                'query-editor.incident.tooltip',
                'Id or fingerprint of one incident, or a variable that holds it'
              )}
              placeholder={t('query-editor.incident.placeholder', 'Any')}
              width={32}
              value={query.incident ?? ''}
              onCommit={(incident) => onChange({ incident })}
            />
          )}
          {fields.has('line') && (
            <TextField
              label={t('query-editor.line.label', 'Log line')}
              tooltip={t('query-editor.line.tooltip', 'One line as it was logged, with everything that carries it')}
              placeholder={t('query-editor.line.placeholder', 'Paste a line')}
              width={60}
              value={query.line ?? ''}
              onCommit={(line) => onChange({ line })}
            />
          )}
          {fields.has('limit') && (
            <TextField
              label={t('query-editor.limit.label', 'Row limit')}
              placeholder={t('query-editor.limit.placeholder', 'Default')}
              type="number"
              width={12}
              value={String(query.limit ?? '')}
              onCommit={(text) => onChange({ limit: parseLimit(text) })}
            />
          )}
          {fields.has('language') && (
            <SingleChoice<Language>
              label={t('query-editor.language.label', 'Language')}
              tooltip={t('query-editor.language.tooltip', 'Language of titles, causes and steps')}
              width={14}
              value={query.language ?? userLanguage() ?? datasource.settings.language}
              offered={languageChoices()}
              onChange={(language) => onChange({ language })}
            />
          )}
        </EditorRow>
      )}
      {suggestions.problem && (
        <Alert severity="warning" title={t('query-editor.suggestions.failed', 'Some suggestions could not be loaded')}>
          {suggestions.problem}
        </Alert>
      )}
    </>
  );
}
