import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';

import { storeChoices } from '../../settings/texts';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

export function StoreSection({ options, settings, change }: SectionProps) {
  return (
    <ConfigSection
      title={t('config.store.title', 'Log store')}
      description={t('config.store.description', 'Where the BlueKing logs come from')}
    >
      <SettingField label={t('config.store.label', 'Store')} disabled={options.readOnly}>
        <RadioButtonGroup
          options={storeChoices()}
          value={settings.store}
          disabled={options.readOnly}
          onChange={(store) => change({ store })}
        />
      </SettingField>
    </ConfigSection>
  );
}
