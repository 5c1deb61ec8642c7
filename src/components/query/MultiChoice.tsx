import React, { useId } from 'react';
import { EditorField } from '@grafana/plugin-ui';
import { MultiSelect } from '@grafana/ui';

import { type Choice, chosen } from '../../query/choices';

interface Props {
  label: string;
  tooltip?: string;
  placeholder: string;
  width: number;
  values?: string[];
  offered: Choice[];
  onChange: (values: string[]) => void;
}

/** A list filter. Values that are not offered can be typed: template variables, hosts that are silent now. */
export function MultiChoice({ label, tooltip, placeholder, width, values, offered, onChange }: Props) {
  const id = useId();
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={id} width={width}>
      <MultiSelect
        inputId={id}
        aria-label={label}
        allowCustomValue
        placeholder={placeholder}
        options={offered}
        value={chosen(values, offered)}
        onChange={(options) => onChange(options.map(({ value }) => value ?? ''))}
      />
    </EditorField>
  );
}
