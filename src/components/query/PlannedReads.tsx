import { css } from '@emotion/css';
import React from 'react';
import { dateTimeFormat, formattedValueToString, getValueFormat, type GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ClipboardButton, LinkButton, Stack, Text, useStyles2 } from '@grafana/ui';

import { exploreLink } from '../../query/explore';
import type { PlannedRead, QueryType, Settings } from '../../types';

interface Props {
  settings: Settings;
  queryType: QueryType;
  reads: PlannedRead[];
}

/** The requests behind a query, one for each stream selector. */
export function PlannedReads({ settings, queryType, reads }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <Stack direction="column" gap={1}>
      <Text element="p" variant="bodySmall" color="secondary">
        {introduction(settings, queryType, reads)}
      </Text>
      {reads.map((read, index) => (
        <section key={index} className={styles.read} aria-label={read.source}>
          <Stack direction="row" wrap="wrap" alignItems="center" justifyContent="space-between" gap={1}>
            <Text element="h4" variant="bodySmall" weight="medium">
              {read.source}
            </Text>
            <Stack direction="row" gap={1}>
              {settings.lokiUid && <ExploreButton lokiUid={settings.lokiUid} read={read} />}
              <ClipboardButton size="sm" variant="secondary" icon="copy" getText={() => read.logql}>
                {t('plan.copy', 'Copy')}
              </ClipboardButton>
            </Stack>
          </Stack>
          <pre className={styles.logql}>{read.logql}</pre>
          <Text element="p" variant="bodySmall" color="secondary">
            {bounds(read).join(' · ')}
          </Text>
        </section>
      ))}
    </Stack>
  );
}

function ExploreButton({ lokiUid, read }: { lokiUid: string; read: PlannedRead }) {
  const link = exploreLink(lokiUid, read.logql, read);
  return link ? (
    <LinkButton href={link.href} target="_blank" icon="compass" size="sm" variant="secondary">
      {link.whole ? t('plan.explore', 'Open in Explore') : t('plan.streams', 'Open streams in Explore')}
    </LinkButton>
  ) : null;
}

function introduction({ store }: Settings, queryType: QueryType, reads: PlannedRead[]): string {
  if (reads.length === 0) {
    return t('plan.nothing', 'Nothing: the answer comes from the catalogue of signatures.');
  }
  if (store === 'samples') {
    return t('plan.samples', 'The built-in samples answer. A Loki would be asked for this:');
  }
  return queryType === 'unmatched'
    ? t('plan.unmatched', 'Lines that look like errors. Those that a signature explains are set aside.')
    : t(
        'plan.shared',
        'Label filters narrow what is read. The other filters apply to the incidents found in it, so that all panels of a refresh share one reading.'
      );
}

function bounds({ from, to, farthest, signatures, maxLines, maxBytes }: PlannedRead): string[] {
  const range = { from: dateTimeFormat(from), to: dateTimeFormat(to), farthest: dateTimeFormat(farthest) };
  return [
    ...(signatures > 0 ? [t('plan.signatures', 'signatures: {{count}}', { count: signatures })] : []),
    farthest < from
      ? t('plan.lookback', '{{from}} to {{to}}; back to {{farthest}} while an incident reaches over the start', range)
      : t('plan.range', '{{from}} to {{to}}', range),
    ...(maxLines > 0 ? [t('plan.lines', 'at most {{lines}} lines', { lines: maxLines.toLocaleString() })] : []),
    ...(maxBytes > 0
      ? [t('plan.bytes', 'at most {{size}}', { size: formattedValueToString(getValueFormat('bytes')(maxBytes, 0)) })]
      : []),
  ];
}

const getStyles = (theme: GrafanaTheme2) => ({
  read: css({ minWidth: 0 }),
  logql: css({
    margin: theme.spacing(0.5, 0),
    padding: theme.spacing(1),
    maxHeight: 160,
    overflow: 'auto',
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    fontSize: theme.typography.bodySmall.fontSize,
  }),
});
