import React, { useId } from 'react';
import { t } from '@grafana/i18n';
import { Box, Button, Combobox, InlineField, InlineSwitch, Input, Stack } from '@grafana/ui';

import { selectorProblem } from '../../settings/checks';
import { problemText } from '../../settings/texts';
import { type Source, SOURCES, type SourceSettings } from '../../types';

interface Props {
  row: SourceSettings;
  disabled?: boolean;
  onChange: (change: Partial<SourceSettings>) => void;
  onRemove: () => void;
}

export function SourceRow({ row, disabled, onChange, onRemove }: Props) {
  const id = useId();
  const problem = selectorProblem(row.selector);
  return (
    <Stack direction="row" wrap="wrap" gap={1} alignItems="flex-start">
      <span hidden id={`${id}-source`}>
        {t('config.sources.source', 'Source')}
      </span>
      <Combobox<Source>
        aria-labelledby={`${id}-source`}
        width={22}
        disabled={disabled}
        options={SOURCES.map((value) => ({ value, label: value }))}
        value={row.source}
        onChange={({ value }) => onChange({ source: value })}
      />
      <Box grow={1} basis="280px" maxWidth={62}>
        <InlineField
          grow
          shrink
          disabled={disabled}
          invalid={problem !== undefined}
          error={problem && problemText(problem)}
        >
          <Input
            aria-label={t('config.sources.selector', 'Stream selector')}
            disabled={disabled}
            value={row.selector}
            onChange={(event) => onChange({ selector: event.currentTarget.value })}
          />
        </InlineField>
      </Box>
      <InlineSwitch
        showLabel
        label={t('config.sources.on-host', 'On host')}
        disabled={disabled}
        value={row.onHost}
        onChange={(event) => onChange({ onHost: event.currentTarget.checked })}
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
