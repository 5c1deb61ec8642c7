import React, { type ComponentProps } from 'react';
import { Box, Icon, type IconName, Stack, Text } from '@grafana/ui';

import type { Remark } from '../../settings/streams';

const LOOKS: Record<Remark['kind'], { icon?: IconName; color: ComponentProps<typeof Text>['color'] }> = {
  good: { icon: 'check-circle', color: 'success' },
  quiet: { color: 'secondary' },
  doubt: { icon: 'exclamation-triangle', color: 'warning' },
  wrong: { icon: 'exclamation-circle', color: 'error' },
};

/** A line below a field; a screen reader tells it when it changes. */
export function RemarkText({ remark }: { remark?: Remark }) {
  const { icon, color } = LOOKS[remark?.kind ?? 'quiet'];
  return (
    <Box role="status" marginBottom={remark ? 1 : 0}>
      {remark && (
        <Stack direction="row" gap={0.5} alignItems="flex-start">
          {icon && (
            <Text variant="bodySmall" color={color}>
              <Icon name={icon} size="sm" />
            </Text>
          )}
          <Text variant="bodySmall" color={color}>
            {remark.text}
          </Text>
        </Stack>
      )}
    </Box>
  );
}
