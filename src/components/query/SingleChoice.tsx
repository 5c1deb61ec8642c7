import React, { useId } from 'react';
import { EditorField } from '@grafana/plugin-ui';
import { Combobox } from '@grafana/ui';

import type { Choice } from '../../query/choices';

interface Props<T extends string> {
  label: string;
  tooltip?: string;
  width: number;
  value: T;
  offered: Array<Choice<T>>;
  onChange: (value: T) => void;
}

export function SingleChoice<T extends string>({ label, tooltip, width, value, offered, onChange }: Props<T>) {
  const id = useId();
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={id}>
      <Combobox id={id} width={width} options={offered} value={value} onChange={(option) => onChange(option.value)} />
    </EditorField>
  );
}
