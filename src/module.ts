import { DataSourcePlugin } from '@grafana/data';

import { translated } from './components/translated';
import { DataSource } from './datasource';
import type { IncidentsJsonData, IncidentsQuery, IncidentsSecureJsonData } from './types';

export const plugin = new DataSourcePlugin<DataSource, IncidentsQuery, IncidentsJsonData, IncidentsSecureJsonData>(
  DataSource
)
  .setConfigEditor(translated(async () => (await import('./components/ConfigEditor')).ConfigEditor))
  .setQueryEditor(translated(async () => (await import('./components/QueryEditor')).QueryEditor))
  .setQueryEditorHelp(translated(async () => (await import('./components/QueryEditorHelp')).QueryEditorHelp));
