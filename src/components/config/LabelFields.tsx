import React from 'react';
import { t } from '@grafana/i18n';
import { Combobox, MultiSelect } from '@grafana/ui';

import { clusterLabelRemark, hostLabelsRemark, labelNames, type Seen } from '../../settings/streams';
import { DEFAULT_SETTINGS } from '../../types';
import { RemarkText } from './RemarkText';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

interface Props extends SectionProps {
  seen: Seen;
}

/** Which labels name hosts and clusters, with those of the matched streams to choose from. */
export function LabelFields({ options, settings, change, seen }: Props) {
  const offered = labelNames(seen).map((value) => ({ value, label: value }));
  return (
    <div>
      <SettingField
        label={t('config.host-labels.label', 'Host labels')}
        htmlFor="config-host-labels"
        tooltip={t(
          'config.host-labels.tooltip',
          'Labels that name the host, the first one present counts; used for sources collected on hosts'
        )}
        disabled={options.readOnly}
      >
        <MultiSelect
          inputId="config-host-labels"
          aria-label={t('config.host-labels.label', 'Host labels')}
          allowCustomValue
          isClearable={false}
          disabled={options.readOnly}
          options={offered}
          value={settings.hostLabels.map((value) => ({ value, label: value }))}
          onChange={(chosen) => change({ hostLabels: chosen.map(({ value }) => value ?? '') })}
        />
      </SettingField>
      <RemarkText remark={hostLabelsRemark(settings.sources, seen, settings.hostLabels)} />
      <SettingField
        label={t('config.cluster-label.label', 'Cluster label')}
        htmlFor="config-cluster-label"
        tooltip={t('config.cluster-label.tooltip', 'Tells apart several BlueKing installations in one Loki')}
        disabled={options.readOnly}
      >
        <Combobox
          id="config-cluster-label"
          createCustomValue
          isClearable
          disabled={options.readOnly}
          placeholder={DEFAULT_SETTINGS.clusterLabel}
          options={offered}
          value={options.jsonData.clusterLabel || null}
          onChange={(chosen) => change({ clusterLabel: chosen?.value })}
        />
      </SettingField>
      <RemarkText remark={clusterLabelRemark(settings.sources, seen, settings.clusterLabel)} />
    </div>
  );
}
