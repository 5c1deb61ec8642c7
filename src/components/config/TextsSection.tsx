import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { DataSourcePicker } from '@grafana/runtime';
import { RadioButtonGroup } from '@grafana/ui';

import { languageChoices } from '../../query/choices';
import { versionChoices } from '../../settings/texts';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

/** How incidents read, and where their links lead. */
export function TextsSection({ options, settings, change }: SectionProps) {
  return (
    <ConfigSection
      title={t('config.texts.title', 'Texts and links')}
      description={t('config.texts.description', 'How incidents read, and where their links lead')}
    >
      <SettingField
        label={t('config.language.label', 'Language')}
        tooltip={t('config.language.tooltip', 'Language of titles, causes and steps; a query may choose another')}
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
    </ConfigSection>
  );
}
