import React from 'react';
import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';

import type { DataSource } from '../datasource';
import { changeQuery, fieldsFor } from '../query/fields';
import { applyPreset, presetChoices, presetOf } from '../query/presets';
import { annotationQuery } from '../query/upgrade';
import type { IncidentsQuery } from '../types';
import { Explanations } from './query/Explanations';
import { Plan } from './query/Plan';
import { QueryFields } from './query/QueryFields';
import { Rows } from './query/Rows';
import { SingleChoice } from './query/SingleChoice';

type Props = Pick<
  QueryEditorProps<DataSource, IncidentsQuery>,
  'datasource' | 'query' | 'range' | 'onChange' | 'onRunQuery'
>;

/** An annotation has one type, so instead of types it offers presets of its filters. */
export function AnnotationEditor({ datasource, query, range, onChange, onRunQuery }: Props) {
  const complete = annotationQuery(query);
  const preset = presetOf(complete);
  const apply = (next: IncidentsQuery) => {
    onChange(next);
    onRunQuery();
  };
  return (
    <Rows>
      <EditorRow>
        <SingleChoice
          label={t('annotation-editor.preset.label', 'Show')}
          width={32}
          value={preset}
          offered={presetChoices(preset)}
          onChange={(chosen) => apply(applyPreset(complete, chosen))}
        />
        <Explanations of={presetChoices(preset).filter(({ value }) => value === preset)} />
      </EditorRow>
      <QueryFields
        datasource={datasource}
        query={complete}
        fields={fieldsFor(complete)}
        onChange={(change) => apply(changeQuery(complete, change))}
      />
      <Plan datasource={datasource} query={complete} range={range} />
    </Rows>
  );
}
