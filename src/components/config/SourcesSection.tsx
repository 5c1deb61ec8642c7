import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Button, Input, Stack, TagsInput } from '@grafana/ui';

import { addSource, changeSource, removeSource, storedSources } from '../../settings/sources';
import { DEFAULT_SETTINGS, type SourceSettings } from '../../types';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';
import { SourceRow } from './SourceRow';

/** Which streams hold which logs, and which of their labels name hosts and clusters. */
export function SourcesSection({ options, settings, change }: SectionProps) {
  const rows = settings.sources;
  const store = (next: SourceSettings[]) => change({ sources: storedSources(next) });
  return (
    <ConfigSection
      title={t('config.sources.title', 'Sources')}
      description={t(
        'config.sources.description',
        'Which streams carry which BlueKing logs. A source may have several rows.'
      )}
      isCollapsible
    >
      <Stack direction="column" gap={{ xs: 3, sm: 1 }}>
        {rows.map((row, index) => (
          <SourceRow
            key={index}
            row={row}
            disabled={options.readOnly}
            onChange={(changed) => store(changeSource(rows, index, changed))}
            onRemove={() => store(removeSource(rows, index))}
          />
        ))}
        <Stack direction="row" gap={1}>
          <Button variant="secondary" icon="plus" disabled={options.readOnly} onClick={() => store(addSource(rows))}>
            {t('config.sources.add', 'Add source')}
          </Button>
          <Button
            variant="secondary"
            fill="text"
            disabled={options.readOnly}
            onClick={() => store(DEFAULT_SETTINGS.sources)}
          >
            {t('config.sources.restore', 'Restore defaults')}
          </Button>
        </Stack>
        <div>
          <SettingField
            label={t('config.host-labels.label', 'Host labels')}
            tooltip={t(
              'config.host-labels.tooltip',
              'Labels that name the host, the first one present counts; used for sources collected on hosts'
            )}
            disabled={options.readOnly}
          >
            <TagsInput
              id="config-host-labels"
              width={0}
              placeholder={t('config.host-labels.placeholder', 'New label (press Enter)')}
              tags={settings.hostLabels}
              onChange={(hostLabels) => change({ hostLabels })}
            />
          </SettingField>
          <SettingField
            label={t('config.cluster-label.label', 'Cluster label')}
            tooltip={t('config.cluster-label.tooltip', 'Tells apart several BlueKing installations in one Loki')}
            disabled={options.readOnly}
          >
            <Input
              id="config-cluster-label"
              placeholder={DEFAULT_SETTINGS.clusterLabel}
              value={options.jsonData.clusterLabel ?? ''}
              onChange={(event) => change({ clusterLabel: event.currentTarget.value })}
            />
          </SettingField>
        </div>
      </Stack>
    </ConfigSection>
  );
}
