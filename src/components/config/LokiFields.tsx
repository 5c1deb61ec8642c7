import React from 'react';
import { t } from '@grafana/i18n';
import { config } from '@grafana/runtime';
import { Input, SecureSocksProxySettings } from '@grafana/ui';

import { tenantProblem, urlProblem } from '../../settings/checks';
import type { Options } from '../../settings/defaults';
import { problemText } from '../../settings/texts';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

const EXAMPLE_URL = 'http://loki:3100';

interface Props extends SectionProps {
  onOptionsChange: (options: Options) => void;
}

/** Which Loki is asked. */
export function LokiFields({ options, settings, change, onOptionsChange }: Props) {
  const problem = tenantProblem(settings.tenant);
  const urlTrouble = urlProblem(options.url);
  return (
    <>
      <SettingField
        label={t('config.url.label', 'Loki URL')}
        tooltip={t('config.url.tooltip', 'The address of Loki or its gateway, without /loki/api')}
        required
        invalid={urlTrouble !== undefined}
        error={urlTrouble && problemText(urlTrouble)}
        disabled={options.readOnly}
      >
        <Input
          id="config-url"
          placeholder={EXAMPLE_URL}
          value={options.url}
          onChange={(event) => onOptionsChange({ ...options, url: event.currentTarget.value })}
        />
      </SettingField>
      <SettingField
        label={t('config.tenant.label', 'Tenant')}
        tooltip={t('config.tenant.tooltip', 'Sent as X-Scope-OrgID; leave it empty when Loki has one tenant')}
        invalid={problem !== undefined}
        error={problem && problemText(problem)}
        disabled={options.readOnly}
      >
        <Input
          id="config-tenant"
          value={settings.tenant}
          onChange={(event) => change({ tenant: event.currentTarget.value })}
        />
      </SettingField>
      {config.secureSocksDSProxyEnabled && (
        <SecureSocksProxySettings options={options} onOptionsChange={onOptionsChange} />
      )}
    </>
  );
}
