import React from 'react';
import { t } from '@grafana/i18n';

import { RemarkText } from './RemarkText';

/** Where somebody would start to type: a provisioned data source cannot be changed here. */
export function ReadOnlyNote() {
  return (
    <RemarkText
      remark={{
        kind: 'doubt',
        text: t('config.read-only', 'Read-only: this data source is provisioned from a file. Change that file.'),
      }}
    />
  );
}
