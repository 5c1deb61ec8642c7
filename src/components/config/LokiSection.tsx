import React from 'react';
import { t } from '@grafana/i18n';
import { Auth, AuthMethod, ConnectionSettings, convertLegacyAuthProps } from '@grafana/plugin-ui';
import { config } from '@grafana/runtime';
import { Divider, InlineField, Input, SecureSocksProxySettings } from '@grafana/ui';

import { tenantProblem } from '../../settings/checks';
import type { Options } from '../../settings/defaults';
import { problemText } from '../../settings/texts';
import { FIELD_WIDTH, LABEL_WIDTH, type SectionProps } from './section';

interface Props extends SectionProps {
  onOptionsChange: (options: Options) => void;
}

/** plugin-ui speaks English only; these are the texts of it that can be replaced. */
function authMethods() {
  return {
    [AuthMethod.NoAuth]: {
      label: t('config.auth.none.label', 'No authentication'),
      description: t('config.auth.none.description', 'Loki is open to this Grafana server'),
    },
    [AuthMethod.BasicAuth]: {
      label: t('config.auth.basic.label', 'Basic authentication'),
      description: t('config.auth.basic.description', 'A user name and a password or token'),
    },
    [AuthMethod.OAuthForward]: {
      label: t('config.auth.oauth.label', 'Forward OAuth identity'),
      description: t(
        'config.auth.oauth.description',
        'The identity of the signed-in user. Alert rules have none, so they cannot use it.'
      ),
    },
  };
}

export function LokiSection({ options, settings, change, onOptionsChange }: Props) {
  const problem = tenantProblem(settings.tenant);
  return (
    <>
      <ConnectionSettings
        config={options}
        onChange={onOptionsChange}
        urlLabel={t('config.url.label', 'Loki URL')}
        urlPlaceholder="http://loki:3100"
        urlTooltip={t('config.url.tooltip', 'The address of Loki or its gateway, without /loki/api')}
      />
      <InlineField
        label={t('config.tenant.label', 'Tenant')}
        labelWidth={LABEL_WIDTH}
        tooltip={t('config.tenant.tooltip', 'Sent as X-Scope-OrgID; leave it empty when Loki has one tenant')}
        invalid={problem !== undefined}
        error={problem && problemText(problem)}
        disabled={options.readOnly}
      >
        <Input
          id="config-tenant"
          width={FIELD_WIDTH}
          value={settings.tenant}
          onChange={(event) => change({ tenant: event.currentTarget.value })}
        />
      </InlineField>
      <Divider />
      <Auth
        {...convertLegacyAuthProps({ config: options, onChange: onOptionsChange })}
        defaultOptionsOverrides={authMethods()}
      />
      {config.secureSocksDSProxyEnabled && (
        <SecureSocksProxySettings options={options} onOptionsChange={onOptionsChange} />
      )}
    </>
  );
}
