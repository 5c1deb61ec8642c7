import { css } from '@emotion/css';
import React, { useId, useState } from 'react';
import type { GrafanaTheme2, TimeRange } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, Button, LoadingPlaceholder, Text, useStyles2 } from '@grafana/ui';

import type { DataSource } from '../../datasource';
import { summary } from '../../query/summary';
import type { IncidentsQuery } from '../../types';
import { PlannedReads } from './PlannedReads';
import { useCatalogue, usePlan } from './usePlan';

interface Props {
  datasource: DataSource;
  query: IncidentsQuery;
  range?: TimeRange;
}

/** What a query does: one sentence, and on demand what it asks Loki for. */
export function Plan({ datasource, query, range }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const styles = useStyles2(getStyles);
  const catalogue = useCatalogue(datasource);
  const replaced = datasource.applyTemplateVariables(query, {});
  return (
    <div className={styles.plan}>
      {catalogue && (
        <Text element="p" variant="bodySmall" color="secondary">
          {summary(replaced, catalogue)}
        </Text>
      )}
      <Button
        aria-expanded={open}
        aria-controls={id}
        fill="text"
        size="sm"
        variant="secondary"
        icon={open ? 'angle-down' : 'angle-right'}
        onClick={() => setOpen(!open)}
      >
        {t('plan.title', 'What this asks Loki for')}
      </Button>
      <div id={id}>{open && <Details datasource={datasource} query={query} range={range} />}</div>
    </div>
  );
}

function Details({ datasource, query, range }: Props) {
  const { reads, problem } = usePlan(datasource, query, range);
  if (problem) {
    return (
      <Alert severity="warning" title={t('plan.failed', 'This query cannot be explained')}>
        {problem}
      </Alert>
    );
  }
  return reads ? (
    <PlannedReads settings={datasource.settings} queryType={query.queryType} reads={reads} />
  ) : (
    <LoadingPlaceholder text="" />
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  plan: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: theme.spacing(0.5),
    padding: theme.spacing(0, 1),
    minWidth: 0,
    // The sentence may hold a label value without a place to break it.
    overflowWrap: 'anywhere',
    '> div': { width: '100%' },
  }),
});
