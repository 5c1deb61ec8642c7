import React from 'react';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { RadioButtonGroup } from '@grafana/ui';

import { type Options, usesLoki } from '../../settings/defaults';
import { storeChoices } from '../../settings/texts';
import { LokiFields } from './LokiFields';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

interface Props extends SectionProps {
  onOptionsChange: (options: Options) => void;
}

/** Where the logs come from: all that Save & test needs. */
export function ConnectionSection(props: Props) {
  const { options, settings, change } = props;
  return (
    <ConfigSection title={t('config.connection.title', 'Connection')}>
      <SettingField label={t('config.store.label', 'Store')} disabled={options.readOnly}>
        <RadioButtonGroup
          options={storeChoices()}
          value={settings.store}
          disabled={options.readOnly}
          onChange={(store) => change({ store })}
        />
      </SettingField>
      {usesLoki(settings) && <LokiFields {...props} />}
    </ConfigSection>
  );
}
