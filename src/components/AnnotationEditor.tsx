import React from 'react';
import type { QueryEditorProps } from '@grafana/data';

import type { DataSource } from '../datasource';
import { annotationQuery } from '../query/defaults';
import { changeQuery, fieldsFor } from '../query/fields';
import type { IncidentsQuery } from '../types';
import { QueryFields } from './query/QueryFields';
import { Rows } from './query/Rows';

type Props = Pick<QueryEditorProps<DataSource, IncidentsQuery>, 'datasource' | 'query' | 'onChange' | 'onRunQuery'>;

/** An annotation has one type, so it shows filters only. */
export function AnnotationEditor({ datasource, query, onChange, onRunQuery }: Props) {
  const complete = annotationQuery(query);
  return (
    <Rows>
      <QueryFields
        datasource={datasource}
        query={complete}
        fields={fieldsFor(complete)}
        onChange={(change) => {
          onChange(changeQuery(complete, change));
          onRunQuery();
        }}
      />
    </Rows>
  );
}
