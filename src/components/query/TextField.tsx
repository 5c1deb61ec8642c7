import React, { useId } from 'react';
import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';

interface Props {
  label: string;
  tooltip?: string;
  placeholder: string;
  type?: 'text' | 'number';
  width: number;
  value: string;
  onCommit: (value: string) => void;
}

/** A text that takes effect when it is finished, so that no query runs for half a word. */
export function TextField({ label, tooltip, placeholder, type = 'text', width, value, onCommit }: Props) {
  const id = useId();
  const commit = (text: string) => text !== value && onCommit(text);
  return (
    <EditorField label={label} tooltip={tooltip} htmlFor={id}>
      <Input
        // A value set from elsewhere (an example, the JSON of the dashboard) replaces what was typed.
        key={value}
        id={id}
        type={type}
        min={type === 'number' ? 1 : undefined}
        width={width}
        placeholder={placeholder}
        defaultValue={value}
        onBlur={(event) => commit(event.currentTarget.value.trim())}
        onKeyDown={(event) => event.key === 'Enter' && commit(event.currentTarget.value.trim())}
      />
    </EditorField>
  );
}
