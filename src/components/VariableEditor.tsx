import React from 'react';
import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorRow } from '@grafana/plugin-ui';

import type { DataSource } from '../datasource';
import { changeFields } from '../query/change';
import { variableTypeChoices } from '../query/choices';
import { changeVariableType, variableFieldsFor } from '../query/fields';
import type { IncidentsJsonData, IncidentsQuery } from '../types';
import { upgradeVariableQuery } from '../query/upgrade';
import type { VariableQuery } from '../variables/model';
import { Explanations } from './query/Explanations';
import { QueryFields } from './query/QueryFields';
import { Rows } from './query/Rows';
import { SingleChoice } from './query/SingleChoice';

export type Props = QueryEditorProps<DataSource, IncidentsQuery, IncidentsJsonData, VariableQuery>;

export function VariableEditor({ datasource, query, onChange }: Props) {
  const complete = upgradeVariableQuery(query);
  return (
    <Rows>
      <EditorRow>
        <SingleChoice
          label={t('variable-editor.type.label', 'List')}
          width={32}
          value={complete.queryType}
          offered={variableTypeChoices()}
          onChange={(queryType) => onChange(changeVariableType(complete, queryType))}
        />
        <Explanations of={variableTypeChoices().filter(({ value }) => value === complete.queryType)} />
      </EditorRow>
      <QueryFields
        datasource={datasource}
        query={complete}
        fields={variableFieldsFor(complete)}
        onChange={(change) => onChange(changeFields(complete, change))}
      />
    </Rows>
  );
}
