import { css } from '@emotion/css';
import React from 'react';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Auth, AuthMethod, ConfigSection, convertLegacyAuthProps } from '@grafana/plugin-ui';
import { config } from '@grafana/runtime';
import { Divider, Input, SecureSocksProxySettings, useStyles2 } from '@grafana/ui';

import { tenantProblem, urlProblem } from '../../settings/checks';
import type { Options } from '../../settings/defaults';
import { problemText } from '../../settings/texts';
import type { SectionProps } from './section';
import { SettingField } from './SettingField';

const EXAMPLE_URL = 'http://loki:3100';

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

function basicAuthTexts() {
  const user = t('config.auth.user.label', 'User');
  const password = t('config.auth.password.label', 'Password');
  return {
    userLabel: user,
    userPlaceholder: user,
    userTooltip: t('config.auth.user.tooltip', 'The name that Loki or its gateway knows'),
    passwordLabel: password,
    passwordPlaceholder: password,
    passwordTooltip: t('config.auth.password.tooltip', 'The password or token of this user'),
  };
}

export function LokiSection({ options, settings, change, onOptionsChange }: Props) {
  const styles = useStyles2(getStyles);
  const problem = tenantProblem(settings.tenant);
  const urlTrouble = urlProblem(options.url);
  const auth = convertLegacyAuthProps({ config: options, onChange: onOptionsChange });
  return (
    <>
      <ConfigSection title={t('config.connection.title', 'Connection')}>
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
      </ConfigSection>
      <Divider />
      <div className={styles.auth}>
        <Auth
          {...auth}
          basicAuth={auth.basicAuth && { ...auth.basicAuth, ...basicAuthTexts() }}
          defaultOptionsOverrides={authMethods()}
        />
      </div>
      {config.secureSocksDSProxyEnabled && (
        <SecureSocksProxySettings options={options} onOptionsChange={onOptionsChange} />
      )}
    </>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // plugin-ui's own fields do not shrink, and stick out of a phone.
  auth: css({
    'label + div, label + div *': { flexShrink: 1, minWidth: 0 },
    'label + div :has(> button), label + div button': { flexShrink: 0 },
    [theme.breakpoints.down('sm')]: {
      'div:has(> label + div)': { flexWrap: 'wrap' },
      'label + div': { flexBasis: '100%' },
    },
  }),
});
