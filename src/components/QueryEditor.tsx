import React, { useId } from 'react';
import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorField, EditorRow } from '@grafana/plugin-ui';
import { Switch } from '@grafana/ui';

import type { DataSource } from '../datasource';
import { chosenFor, statChoices, typeChoices, viewChoices } from '../query/choices';
import { isAlerting } from '../query/defaults';
import { upgradeQuery } from '../query/upgrade';
import { changeQuery, changeType, fieldsFor, hintFor, queryTypesFor, statsFor } from '../query/fields';
import type { IncidentsJsonData, IncidentsQuery } from '../types';
import { Explanations } from './query/Explanations';
import { Plan } from './query/Plan';
import { QueryFields } from './query/QueryFields';
import { QueryHint } from './query/QueryHint';
import { Rows } from './query/Rows';
import { SingleChoice } from './query/SingleChoice';

export type Props = QueryEditorProps<DataSource, IncidentsQuery, IncidentsJsonData>;

export function QueryEditor({ app, datasource, query, range, onChange, onRunQuery }: Props) {
  const complete = upgradeQuery(query);
  const fields = fieldsFor(complete);
  const stats = statsFor(complete.queryType, app);
  const liveId = useId();
  const apply = (next: IncidentsQuery) => {
    onChange(next);
    onRunQuery();
  };
  return (
    <Rows>
      <EditorRow>
        <SingleChoice
          label={t('query-editor.type.label', 'Query type')}
          width={32}
          value={complete.queryType}
          offered={typeChoices(queryTypesFor(app, complete.queryType))}
          onChange={(queryType) => apply(changeType(complete, queryType, app))}
        />
        {fields.has('view') && (
          <SingleChoice
            label={t('query-editor.view.label', 'View')}
            tooltip={t(
              'query-editor.view.tooltip',
              'Which columns or labels the rows have; all views have the same rows'
            )}
            width={24}
            value={complete.view ?? (complete.queryType === 'alert' ? 'identity' : 'all')}
            offered={viewChoices(complete.queryType)}
            onChange={(view) => apply(changeQuery(complete, { view }))}
          />
        )}
        {fields.has('stat') && stats.length > 0 && (
          <SingleChoice
            label={t('query-editor.stat.label', 'Count of')}
            width={24}
            value={complete.stat ?? stats[0]}
            offered={statChoices(stats)}
            onChange={(stat) => apply(changeQuery(complete, { stat }))}
          />
        )}
        {fields.has('live') && !isAlerting(app) && (
          <EditorField
            label={t('query-editor.live.label', 'Live')}
            tooltip={t('query-editor.live.tooltip', 'Updates by itself while the range ends now')}
            htmlFor={liveId}
          >
            <Switch
              id={liveId}
              value={complete.live ?? false}
              onChange={({ currentTarget }) =>
                apply(changeQuery(complete, { live: currentTarget.checked || undefined }))
              }
            />
          </EditorField>
        )}
        <Explanations of={chosenFor(complete, fields)} />
      </EditorRow>
      <QueryFields
        datasource={datasource}
        query={complete}
        fields={fields}
        onChange={(change) => apply(changeQuery(complete, change))}
      />
      <QueryHint hint={hintFor(complete, app)} />
      <Plan datasource={datasource} query={complete} range={range} />
    </Rows>
  );
}
