import React from 'react';
import { t } from '@grafana/i18n';
import { AuthMethod, convertLegacyAuthProps } from '@grafana/plugin-ui';
import { Combobox, Input, SecretInput } from '@grafana/ui';

import type { Options } from '../../settings/defaults';
import { authSummary } from '../../settings/summaries';
import { authChoices } from '../../settings/texts';
import { Fold } from './Fold';
import { HeadersSection } from './HeadersSection';
import { SettingField } from './SettingField';
import { TLSSection } from './TLSSection';

interface Props {
  options: Options;
  onOptionsChange: (options: Options) => void;
}

/**
 * How Grafana signs in to Loki. plugin-ui knows how these settings are stored; its own fields for them have their texts
 * fixed in English, so the fields are ours.
 */
export function AuthSection({ options, onOptionsChange }: Props) {
  const { selectedMethod, onAuthMethodSelect, basicAuth, TLS, customHeaders } = convertLegacyAuthProps({
    config: options,
    onChange: onOptionsChange,
  });
  const disabled = options.readOnly;
  const user = t('config.auth.user.label', 'User');
  const password = t('config.auth.password.label', 'Password');
  return (
    <Fold title={t('config.auth.title', 'Authentication')} summary={authSummary(options, selectedMethod)}>
      <SettingField
        label={t('config.auth.method.label', 'Method')}
        htmlFor="config-auth-method"
        tooltip={t('config.auth.method.tooltip', 'How Grafana signs in to Loki or its gateway')}
        disabled={disabled}
      >
        <Combobox
          id="config-auth-method"
          disabled={disabled}
          options={authChoices()}
          value={selectedMethod as AuthMethod}
          onChange={({ value }) => onAuthMethodSelect(value)}
        />
      </SettingField>
      {selectedMethod === AuthMethod.BasicAuth && basicAuth && (
        <>
          <SettingField
            required
            label={user}
            htmlFor="config-auth-user"
            tooltip={t('config.auth.user.tooltip', 'The name that Loki or its gateway knows')}
            disabled={disabled}
          >
            <Input
              id="config-auth-user"
              value={basicAuth.user}
              onChange={(event) => basicAuth.onUserChange(event.currentTarget.value)}
            />
          </SettingField>
          <SettingField
            required
            label={password}
            htmlFor="config-auth-password"
            tooltip={t('config.auth.password.tooltip', 'The password or token of this user')}
            disabled={disabled}
          >
            <SecretInput
              id="config-auth-password"
              isConfigured={basicAuth.passwordConfigured}
              onReset={basicAuth.onPasswordReset}
              onChange={(event) => basicAuth.onPasswordChange(event.currentTarget.value)}
            />
          </SettingField>
        </>
      )}
      {TLS && <TLSSection tls={TLS} disabled={disabled} />}
      {customHeaders && <HeadersSection {...customHeaders} disabled={disabled} />}
    </Fold>
  );
}
