import React from 'react';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Divider, Stack, Text, TextLink } from '@grafana/ui';

import { t } from '@grafana/i18n';

import pluginJson from '../plugin.json';
import { completeSettings, usesLoki, withSettings } from '../settings/defaults';
import type { IncidentsJsonData, IncidentsSecureJsonData } from '../types';
import { LimitsSection } from './config/LimitsSection';
import { LokiSection } from './config/LokiSection';
import type { SectionProps } from './config/section';
import { SignaturesSection } from './config/SignaturesSection';
import { SourcesSection } from './config/SourcesSection';
import { StoreSection } from './config/StoreSection';
import { TextsSection } from './config/TextsSection';

export type Props = DataSourcePluginOptionsEditorProps<IncidentsJsonData, IncidentsSecureJsonData>;

export function ConfigEditor({ options, onOptionsChange }: Props) {
  const settings = completeSettings(options.jsonData);
  const section: SectionProps = {
    options,
    settings,
    change: (change) => onOptionsChange(withSettings(options, change)),
  };
  return (
    <>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <Text color="secondary">
          {t(
            'config.intro',
            'Say where the BlueKing logs are, then Save & test. The built-in samples need nothing else. Fields with * are required.'
          )}
        </Text>
        <TextLink external href={pluginJson.info.links[0].url}>
          {t('config.documentation', 'BlueKing documentation')}
        </TextLink>
      </Stack>
      <Divider />
      <StoreSection {...section} />
      <Divider />
      {usesLoki(settings) && (
        <>
          <LokiSection {...section} onOptionsChange={onOptionsChange} />
          <Divider />
          <SourcesSection {...section} />
          <Divider />
        </>
      )}
      <TextsSection {...section} />
      <Divider />
      <LimitsSection {...section} />
      <Divider />
      <SignaturesSection {...section} />
    </>
  );
}
