import React, { useState } from 'react';
import { t } from '@grafana/i18n';
import { ConfigSubSection } from '@grafana/plugin-ui';
import { Box, Button, Input, SecretInput, Stack } from '@grafana/ui';

const EXAMPLE_HEADER = 'X-Custom-Header';

/** A header as it is stored: its value is a secret, and known only while it is typed. */
export interface Header {
  name: string;
  configured: boolean;
  value?: string;
}

interface Props {
  headers: Header[];
  onChange: (headers: Array<Header & { value: string }>) => void;
  disabled?: boolean;
}

/**
 * Removes a header. Values are stored by place, so those behind it would become the values of others: they have to be
 * entered again.
 */
export function withoutHeader<T extends Header>(headers: T[], index: number): T[] {
  return headers
    .map((header, at) => (at > index ? { ...header, configured: false } : header))
    .filter((_, at) => at !== index);
}

/** HTTP headers that are sent with every request to Loki. */
export function HeadersSection({ headers: stored, onChange, disabled }: Props) {
  // A header without a name cannot be stored yet, and a stored value is not sent back.
  const [headers, setHeaders] = useState(() => stored.map((header) => ({ ...header, value: '' })));
  const change = (next: typeof headers) => {
    setHeaders(next);
    onChange(next);
  };
  const edit = (at: number, changed: Partial<Header>) =>
    change(headers.map((header, index) => (index === at ? { ...header, ...changed } : header)));
  return (
    <Box marginTop={3}>
      <ConfigSubSection
        title={t('config.headers.title', 'HTTP headers')}
        description={t(
          'config.headers.description',
          'Sent with every request to Loki; the values are stored encrypted'
        )}
        isCollapsible
        isInitiallyOpen={headers.length > 0}
      >
        <Stack direction="column" gap={1}>
          {headers.map(({ name, value, configured }, index) => (
            <Stack key={index} direction="row" gap={1} wrap="wrap">
              <Box basis="180px" grow={1} maxWidth={31}>
                <Input
                  aria-label={t('config.headers.name', 'Header')}
                  placeholder={EXAMPLE_HEADER}
                  disabled={disabled}
                  value={name}
                  onChange={(event) => edit(index, { name: event.currentTarget.value })}
                />
              </Box>
              <Box basis="180px" grow={1} maxWidth={31}>
                <SecretInput
                  aria-label={t('config.headers.value', 'Value')}
                  placeholder={t('config.headers.value', 'Value')}
                  disabled={disabled}
                  isConfigured={configured}
                  value={value}
                  onReset={() => edit(index, { configured: false, value: '' })}
                  onChange={(event) => edit(index, { value: event.currentTarget.value })}
                />
              </Box>
              <Button
                variant="secondary"
                fill="text"
                icon="trash-alt"
                disabled={disabled}
                aria-label={t('config.headers.remove', 'Remove header')}
                tooltip={t('config.headers.remove', 'Remove header')}
                onClick={() => change(withoutHeader(headers, index))}
              />
            </Stack>
          ))}
          <div>
            <Button
              variant="secondary"
              icon="plus"
              disabled={disabled}
              onClick={() => change([...headers, { name: '', value: '', configured: false }])}
            >
              {t('config.headers.add', 'Add header')}
            </Button>
          </div>
        </Stack>
      </ConfigSubSection>
    </Box>
  );
}
