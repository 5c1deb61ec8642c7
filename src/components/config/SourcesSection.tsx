import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button, Stack } from '@grafana/ui';

import { lookAtStreams } from '../../settings/backend';
import { useSavedConnection } from '../../settings/connection';
import { addSource, changeSource, removeSource, storedSources } from '../../settings/sources';
import { selectorsOf, streamsRemark } from '../../settings/streams';
import { useAnswers } from '../../settings/useAnswers';
import { DEFAULT_SETTINGS, type SourceSettings } from '../../types';
import { LabelFields } from './LabelFields';
import { ReadOnlyNote } from './ReadOnlyNote';
import type { SectionProps } from './section';
import { SourceRow } from './SourceRow';

/** Which streams hold which logs, and which of their labels name hosts and clusters. */
export function SourcesSection({ options, settings, change }: SectionProps) {
  const rows = settings.sources;
  const saved = useSavedConnection(options);
  const seen = useAnswers(
    selectorsOf(rows),
    (selector) => lookAtStreams(options.uid, selector),
    `${options.uid} ${options.version}`
  );
  const store = (next: SourceSettings[]) => change({ sources: storedSources(next) });
  return (
    <ConfigSection
      title={t('config.sources.title', 'Sources')}
      description={t(
        'config.sources.description',
        'Which streams carry which BlueKing logs. A source may have several rows.'
      )}
    >
      <Stack direction="column" gap={{ xs: 3, sm: 1 }}>
        {rows.map((row, index) => (
          <SourceRow
            key={index}
            row={row}
            remark={streamsRemark(row.selector, seen[row.selector], saved)}
            disabled={options.readOnly}
            onChange={(changed) => store(changeSource(rows, index, changed))}
            onRemove={() => store(removeSource(rows, index))}
          />
        ))}
        {options.readOnly ? (
          <ReadOnlyNote />
        ) : (
          <Stack direction="row" gap={1}>
            <Button variant="secondary" icon="plus" onClick={() => store(addSource(rows))}>
              {t('config.sources.add', 'Add source')}
            </Button>
            <Button variant="secondary" fill="text" onClick={() => store(DEFAULT_SETTINGS.sources)}>
              {t('config.sources.restore', 'Restore defaults')}
            </Button>
          </Stack>
        )}
        <LabelFields options={options} settings={settings} change={change} seen={saved ? seen : {}} />
      </Stack>
    </ConfigSection>
  );
}
