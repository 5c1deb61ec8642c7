import React from 'react';
import { t } from '@grafana/i18n';

import { countProblem, COUNTS, durationProblem, DURATIONS, parseCount } from '../../settings/checks';
import { limitsSummary } from '../../settings/summaries';
import { countTexts, durationTexts } from '../../settings/texts';
import { DEFAULT_SETTINGS } from '../../types';
import { Fold } from './Fold';
import { LimitField } from './LimitField';
import type { SectionProps } from './section';

export function LimitsSection({ options, change }: SectionProps) {
  const durations = durationTexts();
  const counts = countTexts();
  const stored = options.jsonData;
  return (
    <Fold title={t('config.limits.title', 'Limits of a query')} summary={limitsSummary(stored)}>
      {DURATIONS.map((key) => (
        <LimitField
          key={key}
          setting={key}
          text={durations[key]}
          disabled={options.readOnly}
          value={stored[key] ?? ''}
          fallback={DEFAULT_SETTINGS[key]}
          problem={durationProblem(key, stored[key])}
          onChange={(value) => change({ [key]: value })}
        />
      ))}
      {COUNTS.map((key) => (
        <LimitField
          key={key}
          setting={key}
          type="number"
          text={counts[key]}
          disabled={options.readOnly}
          value={String(stored[key] ?? '')}
          fallback={String(DEFAULT_SETTINGS[key])}
          problem={countProblem(key, stored[key])}
          onChange={(value) => change({ [key]: parseCount(value) })}
        />
      ))}
    </Fold>
  );
}
