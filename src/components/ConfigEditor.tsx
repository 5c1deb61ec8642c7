import React from 'react';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { Divider, Stack, Text, TextLink } from '@grafana/ui';

import { t } from '@grafana/i18n';

import pluginJson from '../plugin.json';
import { completeSettings, usesLoki, withSettings } from '../settings/defaults';
import type { IncidentsJsonData, IncidentsSecureJsonData } from '../types';
import { AuthSection } from './config/AuthSection';
import { ConnectionSection } from './config/ConnectionSection';
import { LimitsSection } from './config/LimitsSection';
import { ReadOnlyNote } from './config/ReadOnlyNote';
import type { SectionProps } from './config/section';
import { SignaturesSection } from './config/SignaturesSection';
import { SourcesSection } from './config/SourcesSection';
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
      <Stack direction="row" gap={1} wrap="wrap">
        {options.readOnly ? (
          <ReadOnlyNote />
        ) : (
          <Text color="secondary">
            {t('config.intro', 'Enter where the BlueKing logs are, then Save & test. The samples need nothing else.')}
          </Text>
        )}
        <TextLink external href={pluginJson.info.links[0].url}>
          {t('config.documentation', 'BlueKing documentation')}
        </TextLink>
      </Stack>
      <Divider />
      <ConnectionSection {...section} onOptionsChange={onOptionsChange} />
      <Divider />
      {usesLoki(settings) && (
        <>
          <SourcesSection {...section} />
          <Divider />
          <AuthSection options={options} onOptionsChange={onOptionsChange} />
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
