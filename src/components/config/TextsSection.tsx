import React from 'react';
import { t } from '@grafana/i18n';
import { DataSourcePicker, getDataSourceSrv } from '@grafana/runtime';
import { RadioButtonGroup } from '@grafana/ui';

import { languageChoices } from '../../query/choices';
import { textsSummary } from '../../settings/summaries';
import { versionChoices } from '../../settings/texts';
import { Fold } from './Fold';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

/** How incidents read, and where their links lead. */
export function TextsSection({ options, settings, change }: SectionProps) {
  const loki = getDataSourceSrv().getInstanceSettings(settings.lokiUid);
  return (
    <Fold title={t('config.texts.title', 'Texts and links')} summary={textsSummary(settings, loki?.name)}>
      <SettingField
        label={t('config.language.label', 'Language')}
        tooltip={t(
          'config.language.tooltip',
          'Language of alerts, and for users whose Grafana is in neither; a query may choose another'
        )}
        disabled={options.readOnly}
      >
        <RadioButtonGroup
          options={languageChoices()}
          value={settings.language}
          disabled={options.readOnly}
          onChange={(language) => change({ language })}
        />
      </SettingField>
      <SettingField
        label={t('config.version.label', 'BlueKing version')}
        tooltip={t('config.version.tooltip', 'Which documents the links lead to, and which steps apply')}
        disabled={options.readOnly}
      >
        <RadioButtonGroup
          options={versionChoices()}
          value={settings.bluekingVersion}
          disabled={options.readOnly}
          onChange={(bluekingVersion) => change({ bluekingVersion })}
        />
      </SettingField>
      <SettingField
        label={t('config.loki-uid.label', 'Loki data source')}
        htmlFor="config-loki-uid"
        tooltip={t(
          'config.loki-uid.tooltip',
          'Links to the raw lines open it in Explore; without one there are no such links'
        )}
        disabled={options.readOnly}
      >
        <DataSourcePicker
          inputId="config-loki-uid"
          type="loki"
          noDefault
          disabled={options.readOnly}
          placeholder={t('config.loki-uid.placeholder', 'None')}
          current={settings.lokiUid || null}
          onChange={({ uid }) => change({ lokiUid: uid })}
          onClear={() => change({ lokiUid: undefined })}
        />
      </SettingField>
    </Fold>
  );
}
