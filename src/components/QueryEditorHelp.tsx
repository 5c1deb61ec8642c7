import React from 'react';
import type { QueryEditorHelpProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Card, Stack, Text } from '@grafana/ui';

import { examples } from '../query/examples';
import type { IncidentsQuery } from '../types';

export function QueryEditorHelp({ onClickExample }: QueryEditorHelpProps<IncidentsQuery>) {
  return (
    <Stack direction="column" gap={1}>
      <Text element="h2">{t('help.title', 'Questions to start with')}</Text>
      {examples().map(({ title, description, query }) => (
        <Card key={title} noMargin onClick={() => onClickExample({ refId: 'A', ...query })}>
          <Card.Heading>{title}</Card.Heading>
          <Card.Description>{description}</Card.Description>
        </Card>
      ))}
    </Stack>
  );
}
