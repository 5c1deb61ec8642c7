import { css } from '@emotion/css';
import React from 'react';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';

import type { LintedProblem } from '../../settings/checkup';
import { placeOf, titleOf } from '../../settings/lint';

interface Props {
  problems: LintedProblem[];
  onGoTo: (problem: LintedProblem) => void;
}

/** The problems of a text by line; a click leads to the place. */
export function LintedProblems({ problems, onGoTo }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list}>
      {problems.map((problem, index) => (
        <li key={index} className={styles.problem}>
          <Icon
            size="sm"
            name={problem.severity === 'error' ? 'exclamation-circle' : 'exclamation-triangle'}
            className={problem.severity === 'error' ? styles.error : styles.warning}
          />
          {placeOf(problem) && (
            <button type="button" className={styles.place} onClick={() => onGoTo(problem)}>
              {placeOf(problem)}
            </button>
          )}
          <span className={styles.text}>{titleOf(problem)}</span>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', margin: 0, padding: 0, maxHeight: 240, overflowY: 'auto' }),
  problem: css({
    display: 'flex',
    alignItems: 'baseline',
    gap: theme.spacing(1),
    ...theme.typography.bodySmall,
    '> svg': { flexShrink: 0, alignSelf: 'center' },
  }),
  place: css({
    all: 'unset',
    cursor: 'pointer',
    color: theme.colors.text.link,
    fontFamily: theme.typography.fontFamilyMonospace,
    '&:hover, &:focus-visible': { textDecoration: 'underline' },
  }),
  text: css({ overflowWrap: 'anywhere' }),
  error: css({ color: theme.colors.error.text }),
  warning: css({ color: theme.colors.warning.text }),
});
