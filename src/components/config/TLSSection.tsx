import React, { type ComponentProps } from 'react';
import { t } from '@grafana/i18n';
import { ConfigSubSection, type TLSSettings } from '@grafana/plugin-ui';
import { Box, InlineSwitch, Input, SecretTextArea } from '@grafana/ui';

import { SettingField } from './SettingField';

const EXAMPLE_SERVER = 'loki.example.com';

interface Props {
  tls: Omit<ComponentProps<typeof TLSSettings>, 'readOnly'>;
  disabled?: boolean;
}

interface CertificateProps {
  id: string;
  label: string;
  begins: string;
  configured?: boolean;
  disabled?: boolean;
  onChange: (pem: string) => void;
  onReset: () => void;
}

/** A certificate or key; what is stored is never shown again. */
function Certificate({ id, label, begins, configured, disabled, onChange, onReset }: CertificateProps) {
  return (
    <SettingField required label={label} htmlFor={id} disabled={disabled}>
      <SecretTextArea
        id={id}
        rows={4}
        placeholder={begins}
        isConfigured={Boolean(configured)}
        onChange={(event) => onChange(event.currentTarget.value)}
        onReset={onReset}
      />
    </SettingField>
  );
}

interface ToggleProps {
  id: string;
  label: string;
  tooltip: string;
  toggled: { enabled: boolean; onToggle: (enabled: boolean) => void };
  disabled?: boolean;
}

/** A part of the TLS settings that is used or not. */
function Toggle({ id, label, tooltip, toggled, disabled }: ToggleProps) {
  return (
    <SettingField label={label} tooltip={tooltip} disabled={disabled}>
      <InlineSwitch
        id={id}
        disabled={disabled}
        value={toggled.enabled}
        onChange={() => toggled.onToggle(!toggled.enabled)}
      />
    </SettingField>
  );
}

/** Certificates between Grafana and Loki. */
export function TLSSection({ tls, disabled }: Props) {
  const { selfSignedCertificate: authority, TLSClientAuth: client, skipTLSVerification: skip } = tls;
  const used = Boolean(authority.enabled || client.enabled || skip.enabled);
  return (
    <Box marginTop={3}>
      <ConfigSubSection
        title={t('config.tls.title', 'TLS')}
        description={t('config.tls.description', 'Certificates for https addresses')}
        isCollapsible
        isInitiallyOpen={used}
      >
        <Toggle
          id="config-tls-authority"
          label={t('config.tls.authority.label', 'Own authority')}
          tooltip={t('config.tls.authority.tooltip', 'The certificate of Loki is signed by an authority of your own')}
          toggled={authority}
          disabled={disabled}
        />
        {authority.enabled && (
          <Certificate
            id="config-tls-ca"
            label={t('config.tls.ca.label', 'CA certificate')}
            begins="-----BEGIN CERTIFICATE-----"
            configured={authority.certificateConfigured}
            disabled={disabled}
            onChange={authority.onCertificateChange}
            onReset={authority.onCertificateReset}
          />
        )}
        <Toggle
          id="config-tls-client"
          label={t('config.tls.client.label', 'Client certificate')}
          tooltip={t('config.tls.client.tooltip', 'Loki or its gateway asks Grafana for a certificate')}
          toggled={client}
          disabled={disabled}
        />
        {client.enabled && (
          <>
            <SettingField
              label={t('config.tls.server-name.label', 'Server name')}
              htmlFor="config-tls-server-name"
              tooltip={t('config.tls.server-name.tooltip', 'The name that the certificate of Loki has to be for')}
              disabled={disabled}
            >
              <Input
                id="config-tls-server-name"
                placeholder={EXAMPLE_SERVER}
                value={client.serverName}
                onChange={(event) => client.onServerNameChange(event.currentTarget.value)}
              />
            </SettingField>
            <Certificate
              id="config-tls-certificate"
              label={t('config.tls.certificate.label', 'Certificate')}
              begins="-----BEGIN CERTIFICATE-----"
              configured={client.clientCertificateConfigured}
              disabled={disabled}
              onChange={client.onClientCertificateChange}
              onReset={client.onClientCertificateReset}
            />
            <Certificate
              id="config-tls-key"
              label={t('config.tls.key.label', 'Key')}
              begins="-----BEGIN PRIVATE KEY-----"
              configured={client.clientKeyConfigured}
              disabled={disabled}
              onChange={client.onClientKeyChange}
              onReset={client.onClientKeyReset}
            />
          </>
        )}
        <Toggle
          id="config-tls-skip"
          label={t('config.tls.skip.label', 'Skip verification')}
          tooltip={t(
            'config.tls.skip.tooltip',
            'Anybody between Grafana and Loki could then read and change the logs. For tests only.'
          )}
          toggled={skip}
          disabled={disabled}
        />
      </ConfigSubSection>
    </Box>
  );
}
