import type { DataSourceJsonData } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';

// The keys and defaults in this file are a contract with pkg/query, pkg/settings and docs/contract.md.

export const QUERY_TYPES = [
  'incidents',
  'annotations',
  'alert',
  'count',
  'evidence',
  'steps',
  'signatures',
  'health',
  'timeline',
  'unmatched',
  'hosts',
  'context',
  'changes',
  'explain',
  'review',
] as const;
export type QueryType = (typeof QUERY_TYPES)[number];

/** The known sources; settings may define others, which custom signatures use. */
export const SOURCES = [
  'nodeman',
  'agent',
  'bk-job-gateway',
  'bk-job-execute',
  'bkrepo',
  'bk-gse',
  'apigateway',
  'nodemgr',
] as const;
export type Source = string;

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const STATES = ['active', 'resolved'] as const;
export type State = (typeof STATES)[number];

export const VIEWS = ['identity', 'evidence', 'brief', 'all', 'deciding', 'before', 'after'] as const;
export type View = (typeof VIEWS)[number];

export const STATS = [
  'active',
  'started',
  'lines',
  'hosts',
  'levels',
  'clusters',
  'coverage',
  'signatures',
  'classes',
  'causes',
  'weeks',
  'noise',
  'never',
] as const;
export type Stat = (typeof STATS)[number];

export const LANGUAGES = ['zh', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

export const MATCH_OPS = ['=', '!=', '=~', '!~'] as const;
export type MatchOp = (typeof MATCH_OPS)[number];

export interface Matcher {
  name: string;
  op: MatchOp;
  value: string;
}

/** What a panel, an alert rule or an annotation asks for. A filter that is absent or empty selects everything. */
export interface IncidentsQuery extends DataQuery {
  queryType: QueryType;
  // Plain strings, because a template variable may stand wherever a value may.
  signatures?: string[];
  sources?: string[];
  severities?: string[];
  hosts?: string[];
  clusters?: string[];
  states?: string[];
  matchers?: Matcher[];
  view?: View;
  stat?: Stat;
  incident?: string;
  /** The log line that an explain query is about. */
  line?: string;
  limit?: number;
  language?: Language;
  /** Whether the browser follows the answer. */
  live?: boolean;
}

export const DEFAULT_QUERY = { queryType: 'incidents' } as const satisfies Partial<IncidentsQuery>;

export const STORES = ['loki', 'samples'] as const;
export type Store = (typeof STORES)[number];

export const BLUEKING_VERSIONS = ['7.0', '7.1', '7.2', '7.3'] as const;
export type BlueKingVersion = (typeof BLUEKING_VERSIONS)[number];

/** Which streams of the store carry the logs of a source. */
export interface SourceSettings {
  source: Source;
  selector: string;
  /** Collected on the host itself, so that its host labels name the host that failed. */
  onHost: boolean;
  /** The collector marks lines by what signatures look for; only lines that may be a failure are then read. */
  marked?: boolean;
}

export interface Settings {
  store: Store;
  tenant: string;
  sources: SourceSettings[];
  hostLabels: string[];
  clusterLabel: string;
  language: Language;
  bluekingVersion: BlueKingVersion;
  lokiUid: string;
  lateness: string;
  lookbackMax: string;
  maxLines: number;
  maxBytes: number;
  requestTimeout: string;
  queryTimeout: string;
  pageLimit: number;
  parallel: number;
  signatures: string;
}

/** What Grafana stores. An absent key means the default, so that a later release may better it. */
export type IncidentsJsonData = DataSourceJsonData & Partial<Settings>;

export const DEFAULT_SETTINGS: Settings = {
  store: 'loki',
  tenant: '',
  sources: [
    { source: 'nodeman', selector: '{namespace="blueking", pod=~"bk-nodeman-(backend|saas)-.*"}', onHost: false },
    { source: 'nodeman', selector: '{job="nodeman-execution-log"}', onHost: false },
    { source: 'nodeman', selector: '{filename=~".*[/\\\\\\\\]nm\\\\.(setup_\\\\w+|nohup).*", filename!~".*\\\\.(debug|report_log.*)"}', onHost: true },
    { source: 'agent', selector: '{filename=~".*[/\\\\\\\\]gse[^/\\\\\\\\]*([/\\\\\\\\].*)?[/\\\\\\\\]agent-err.*"}', onHost: true },
    { source: 'bk-job-gateway', selector: '{namespace="blueking", pod=~"bk-job-gateway-.*"}', onHost: false },
  ],
  hostLabels: ['host', 'instance', 'hostname'],
  clusterLabel: 'cluster',
  language: 'zh',
  bluekingVersion: '7.2',
  lokiUid: '',
  lateness: '10m',
  lookbackMax: '24h',
  maxLines: 100000,
  maxBytes: 1073741824,
  requestTimeout: '25s',
  queryTimeout: '2m',
  pageLimit: 0,
  parallel: 4,
  signatures: '',
};

/** Never sent back to the browser. Custom headers add httpHeaderValue1, httpHeaderValue2 … */
export interface IncidentsSecureJsonData {
  basicAuthPassword?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
  [httpHeaderValue: `httpHeaderValue${number}`]: string | undefined;
}

/** One entry of the resource `signatures`. */
export interface Signature {
  id: string;
  title: string;
  severity: Severity;
  class: string;
  family: string;
  sources: Source[];
  status: string;
}

/** One entry of the resource `plan`: what a query reads of the streams of one selector. Times are epoch milliseconds. */
export interface PlannedRead {
  source: Source;
  logql: string;
  from: number;
  to: number;
  farthest: number;
  signatures: number;
  maxLines: number;
  maxBytes: number;
}
