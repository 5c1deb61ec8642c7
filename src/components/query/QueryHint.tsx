import React from 'react';
import { t } from '@grafana/i18n';
import { Alert } from '@grafana/ui';

import type { Hint } from '../../query/fields';

function texts(): Record<Hint, string> {
  return {
    'alert-needs-numbers': t(
      'query-editor.hint.alert-needs-numbers',
      'An alert rule needs numbers. Choose Alert, Count or Health, or lines or coverage of Unmatched.'
    ),
    'steps-need-subject': t(
      'query-editor.hint.steps-need-subject',
      'Steps belong to an incident or a signature. Enter an incident or choose a signature.'
    ),
    'changes-need-incident': t(
      'query-editor.hint.changes-need-incident',
      'Changes are those before an incident. Enter an incident.'
    ),
    'explain-needs-line': t('query-editor.hint.explain-needs-line', 'Enter the log line to explain.'),
  };
}

export function QueryHint({ hint }: { hint: Hint | undefined }) {
  return hint ? <Alert severity="info" title={texts()[hint]} /> : null;
}
