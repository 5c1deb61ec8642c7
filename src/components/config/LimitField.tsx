import React from 'react';
import { Input } from '@grafana/ui';

import type { CountKey, DurationKey, Problem } from '../../settings/checks';
import { type LimitText, problemText } from '../../settings/texts';
import { SettingField } from './SettingField';

interface Props {
  setting: DurationKey | CountKey;
  type?: 'number';
  text: LimitText;
  disabled?: boolean;
  value: string;
  fallback: string;
  problem?: Problem;
  onChange: (value: string) => void;
}

export function LimitField({ setting, type, text, disabled, value, fallback, problem, onChange }: Props) {
  return (
    <SettingField
      label={text.label}
      tooltip={text.tooltip}
      disabled={disabled}
      invalid={problem !== undefined}
      error={problem && problemText(problem, setting)}
    >
      <Input
        id={`config-${setting}`}
        type={type}
        placeholder={fallback}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </SettingField>
  );
}
