import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { InlineField, RadioButtonGroup } from '@grafana/ui';

import { storeChoices } from '../../settings/texts';
import { LABEL_WIDTH, type SectionProps } from './section';

export function StoreSection({ options, settings, change }: SectionProps) {
  return (
    <ConfigSection
      title={t('config.store.title', 'Log store')}
      description={t('config.store.description', 'Where the BlueKing logs come from')}
    >
      <InlineField label={t('config.store.label', 'Store')} labelWidth={LABEL_WIDTH} disabled={options.readOnly}>
        <RadioButtonGroup
          options={storeChoices()}
          value={settings.store}
          disabled={options.readOnly}
          onChange={(store) => change({ store })}
        />
      </InlineField>
    </ConfigSection>
  );
}
