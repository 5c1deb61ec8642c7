import { css } from '@emotion/css';
import React, { type ReactNode } from 'react';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';

/** The rows of an editor. Unlike those of plugin-ui they are never wider than the page: what is chosen wraps on a phone. */
export function Rows({ children }: { children: ReactNode }) {
  return <div className={useStyles2(getStyles).rows}>{children}</div>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  rows: css({
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr)',
    gap: theme.spacing(0.5),
  }),
});
