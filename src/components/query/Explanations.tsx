import React from 'react';
import { Box, Text } from '@grafana/ui';

import type { Choice } from '../../query/choices';

/** What the choices above it mean, in full; the menus have room for the first words only. */
export function Explanations({ of }: { of: Choice[] }) {
  return (
    <Box basis="100%">
      {of.map(({ value, description }) => (
        <Text key={value} element="p" variant="bodySmall" color="secondary">
          {description ?? value}
        </Text>
      ))}
    </Box>
  );
}
