import { CoreApp, type DataSourceInstanceSettings } from '@grafana/data';
import React, { type ReactNode, useState } from 'react';

import { AnnotationEditor } from '../../src/components/AnnotationEditor';
import { ConfigEditor } from '../../src/components/ConfigEditor';
import { QueryEditor } from '../../src/components/QueryEditor';
import { QueryEditorHelp } from '../../src/components/QueryEditorHelp';
import { VariableEditor } from '../../src/components/VariableEditor';
import { DataSource } from '../../src/datasource';
import pluginJson from '../../src/plugin.json';
import type { Options } from '../../src/settings/defaults';
import { type IncidentsJsonData, type IncidentsQuery, QUERY_TYPES } from '../../src/types';
import type { VariableQuery } from '../../src/variables/model';

const nothing = () => undefined;

function aDatasource(): DataSource {
  const settings = { uid: 'incidents', type: pluginJson.id, name: pluginJson.name, jsonData: { lokiUid: 'loki' } };
  return new DataSource(settings as unknown as DataSourceInstanceSettings<IncidentsJsonData>);
}

/** Something editable with its value below it, as Grafana's pages do. */
function Editable<T>({ initial, children }: { initial: T; children: (value: T, set: (v: T) => void) => ReactNode }) {
  const [value, set] = useState(initial);
  return <>{children(value, set)}</>;
}

function Config({ jsonData, ...rest }: Partial<Options> & { jsonData: IncidentsJsonData }) {
  const options = { uid: 'incidents', version: 1, url: 'http://loki:3100', secureJsonFields: {}, ...rest, jsonData };
  return (
    <Editable initial={options as Options}>
      {(value, set) => <ConfigEditor options={value} onOptionsChange={set} />}
    </Editable>
  );
}

function Query({ app = CoreApp.PanelEditor, ...query }: Partial<IncidentsQuery> & { app?: CoreApp }) {
  return (
    <Editable initial={{ refId: 'A', ...query } as IncidentsQuery}>
      {(value, set) => (
        <QueryEditor app={app} datasource={aDatasource()} query={value} onChange={set} onRunQuery={nothing} />
      )}
    </Editable>
  );
}

function Annotation(query: Partial<IncidentsQuery>) {
  return (
    <Editable initial={{ refId: 'Anno', ...query } as IncidentsQuery}>
      {(value, set) => (
        <AnnotationEditor datasource={aDatasource()} query={value} onChange={set} onRunQuery={nothing} />
      )}
    </Editable>
  );
}

function Variable(query: Omit<VariableQuery, 'refId'>) {
  return (
    <Editable initial={{ refId: 'V', ...query } as VariableQuery}>
      {(value, set) => <VariableEditor datasource={aDatasource()} query={value} onChange={set} onRunQuery={nothing} />}
    </Editable>
  );
}

const filled: Partial<IncidentsQuery> = {
  signatures: ['gse-not-connected', 'job-api-401', 'gse-zk-unresolved', 'removed-long-ago'],
  severities: ['critical', 'high'],
  states: ['active'],
  sources: ['nodeman', 'bk-job-gateway'],
  clusters: ['$cluster'],
  hosts: ['gse-proxy-01.shenzhen.example.com', '10.0.6.44', '10.0.6.45'],
  matchers: [
    { name: 'namespace', op: '=', value: 'blueking' },
    { name: 'filename', op: '!~', value: '/data/bkee/gse/logs/agent-err.*' },
  ],
  incident: 'job-api-401~3f9a1c0b7d2e~1790000000000',
  limit: 100,
};

const ownSignature = `apiVersion: bkincidents/v1
id: agent-clock-skew
severity: medium
title: { zh: 'Agent 时钟偏差过大', en: 'The clock of the agent is off' }
terms:
  skew:
    source: agent
    regex: 'clock skew of (?P<seconds>\\d+) s'
---
apiVersion: bkincidents/v1
id: site-check-failed
revision: 1
status: active
severity: low
class: environment
title: { zh: '站点检查失败', en: 'The check of the site failed' }
summary: { zh: '站点检查失败', en: 'The check of the site failed' }
terms:
  failed:
    source: nodeman
    any_of: [{ regex: '^site check failed: (?P<reason>.+)$' }]
    vars: { reason: text }
detect: { term: failed }
key: [cluster]
tests:
  - { name: fires, lines: [{ line: 'site check failed: disk' }] }
`;

/** Each scene is one picture for every theme, language and width. */
export const SCENES: Record<string, () => ReactNode[]> = {
  config: () => [<Config key="saved" jsonData={{ lokiUid: 'loki' }} />],
  'config-new': () => [<Config key="new" uid="new" url="" jsonData={{}} />],
  'config-filled': () => [
    <Config
      key="filled"
      basicAuth
      basicAuthUser="grafana"
      secureJsonFields={{ basicAuthPassword: true }}
      jsonData={{
        tenant: 'team a',
        lokiUid: 'loki',
        lateness: '5 minutes',
        parallel: 64,
        signatures: ownSignature,
        sources: [
          { source: 'nodeman', selector: '{namespace="blueking", pod=~"bk-nodeman-(backend|saas)-.*"}', onHost: false },
          { source: 'agent', selector: 'filename=~".*/gse[^/]*/agent-err.*"', onHost: true },
          { source: 'agent', selector: '{filename=~".*/nm\\\\.(setup_agent|nohup).*"}', onHost: true },
          { source: 'bk-job-gateway', selector: '{namespace="paas", pod=~"job-.*"}', onHost: false },
        ],
      }}
    />,
  ],
  'config-samples': () => [<Config key="samples" jsonData={{ store: 'samples' }} />],
  'query-types': () =>
    QUERY_TYPES.filter((type) => type !== 'annotations').map((queryType) => (
      <Query key={queryType} queryType={queryType} />
    )),
  'query-filled': () => [<Query key="filled" queryType="incidents" {...filled} />],
  'query-new': () => [<Query key="new" />],
  'query-alert-new': () => [<Query key="new" app={CoreApp.UnifiedAlerting} queryType="alert" view="identity" />],
  annotation: () => [<Annotation key="annotation" />],
  variable: () => [<Variable key="variable" queryType="signatures" />],
  'query-alert': () => [
    <Query key="alert" app={CoreApp.UnifiedAlerting} queryType="alert" view="evidence" severities={['critical']} />,
    <Query key="table" app={CoreApp.UnifiedAlerting} queryType="incidents" />,
  ],
  others: () => [
    <Annotation key="annotation" severities={['critical', 'high']} />,
    <Variable key="incidents" queryType="incidents" states={['active']} />,
    <Variable key="steps" queryType="steps" incident="$incident" />,
    <Variable key="hosts" queryType="hosts" />,
  ],
  help: () => [
    <QueryEditorHelp
      key="help"
      datasource={aDatasource()}
      query={{ refId: 'A' } as IncidentsQuery}
      onClickExample={nothing}
    />,
  ],
};
