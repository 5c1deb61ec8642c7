import React, { type ReactNode } from 'react';
import { ConfigSection } from '@grafana/plugin-ui';

interface Props {
  title: string;
  /** What is set in it, to be read without opening it. */
  summary: string;
  /** Whether something in it needs attention. */
  open?: boolean;
  children: ReactNode;
}

/** A section that most people leave as it is. */
export function Fold({ title, summary, open = false, children }: Props) {
  return (
    <ConfigSection title={title} description={summary} isCollapsible isInitiallyOpen={open}>
      {children}
    </ConfigSection>
  );
}
