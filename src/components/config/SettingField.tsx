import { css } from '@emotion/css';
import React, { type ComponentProps } from 'react';
import type { GrafanaTheme2 } from '@grafana/data';
import { InlineField, useStyles2 } from '@grafana/ui';

/** The widths that plugin-ui gives its own labels and sections, so that all of them line up. */
const LABEL_WIDTH = 24;
const FIELD_WIDTH = 578;

/** A setting beside its label, and on a phone below it. */
export function SettingField(props: ComponentProps<typeof InlineField>) {
  return <InlineField labelWidth={LABEL_WIDTH} grow shrink {...props} className={useStyles2(getStyles).field} />;
}

const getStyles = (theme: GrafanaTheme2) => ({
  field: css({
    maxWidth: FIELD_WIDTH,
    marginRight: 0,
    '> div': { minWidth: 0 },
    [theme.breakpoints.down('sm')]: {
      flexWrap: 'wrap',
      '> div': { flexBasis: '100%' },
    },
  }),
});
