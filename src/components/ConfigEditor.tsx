import React from 'react';
import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { DataSourceDescription } from '@grafana/plugin-ui';
import { Divider } from '@grafana/ui';

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
      <DataSourceDescription
        dataSourceName={pluginJson.name}
        docsLink={pluginJson.info.links[0].url}
        hasRequiredFields={usesLoki(settings)}
      />
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
