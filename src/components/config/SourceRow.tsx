import React, { useId } from 'react';
import { t } from '@grafana/i18n';
import { Box, Button, Combobox, InlineField, InlineSwitch, Input, Stack } from '@grafana/ui';

import type { Remark } from '../../settings/streams';
import { type Source, SOURCES, type SourceSettings } from '../../types';
import { RemarkText } from './RemarkText';

interface Props {
  row: SourceSettings;
  remark: Remark;
  disabled?: boolean;
  onChange: (change: Partial<SourceSettings>) => void;
  onRemove: () => void;
}

export function SourceRow({ row, remark, disabled, onChange, onRemove }: Props) {
  const id = useId();
  const wrong = remark.kind === 'wrong';
  return (
    <Stack direction="row" wrap="wrap" gap={1} alignItems="flex-start">
      <span hidden id={`${id}-source`}>
        {t('config.sources.source', 'Source')}
      </span>
      <Combobox<Source>
        aria-labelledby={`${id}-source`}
        width={22}
        disabled={disabled}
        createCustomValue
        options={SOURCES.map((value) => ({ value, label: value }))}
        value={row.source}
        onChange={({ value }) => onChange({ source: value })}
      />
      <Box grow={1} basis="280px" maxWidth={62}>
        <InlineField grow shrink disabled={disabled} invalid={wrong} error={wrong && remark.text}>
          <Input
            aria-label={t('config.sources.selector', 'Stream selector')}
            disabled={disabled}
            value={row.selector}
            onChange={(event) => onChange({ selector: event.currentTarget.value })}
          />
        </InlineField>
        {!wrong && <RemarkText remark={remark} />}
      </Box>
      <InlineSwitch
        showLabel
        label={t('config.sources.on-host', 'On host')}
        disabled={disabled}
        value={row.onHost}
        onChange={(event) => onChange({ onHost: event.currentTarget.checked })}
      />
      <InlineSwitch
        showLabel
        label={t('config.sources.marked', 'Marked')}
        disabled={disabled}
        value={row.marked ?? false}
        onChange={(event) => onChange({ marked: event.currentTarget.checked || undefined })}
      />
      <Button
        variant="secondary"
        fill="text"
        icon="trash-alt"
        disabled={disabled}
        aria-label={t('config.sources.remove', 'Remove source')}
        tooltip={t('config.sources.remove', 'Remove source')}
        onClick={onRemove}
      />
    </Stack>
  );
}
