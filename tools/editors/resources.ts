import type { Linted, SeenStreams } from '../../src/settings/checkup';
import type { PlannedRead, Signature } from '../../src/types';

function signature(
  id: string,
  title: string,
  severity: Signature['severity'],
  sources: Signature['sources']
): Signature {
  return { id, title, severity, class: 'environment', family: '', sources, status: 'active' };
}

const NOON = Date.UTC(2026, 10, 1, 12);
const HOUR = 3_600_000;

function read(source: PlannedRead['source'], logql: string, signatures: number): PlannedRead {
  const range = { from: NOON - 2 * HOUR, to: NOON, farthest: NOON - 25 * HOUR };
  return { source, logql, signatures, ...range, maxLines: 100000, maxBytes: 1073741824 };
}

const AGENT_LITERALS =
  '"connect zk" or "gse_agent: command not found" or "ping from old agent" or "resolve host failed" or "ssl handshake"';

/** What the backend would suggest: some of the real catalogue, with its longest titles, and made-up hosts. */
export const RESOURCES: Record<string, unknown> = {
  signatures: [
    signature('gse-not-connected', 'Agent 已安装但连不上 GSE 服务端', 'high', ['nodeman']),
    signature('job-jwt-key-timeout', '作业平台网关从 API 网关获取公钥超时', 'critical', ['bk-job-gateway']),
    signature('job-api-401', '节点管理调用作业平台被拒绝：HTTP 401', 'high', ['nodeman']),
    signature('curl-tls', '下载安装脚本时 TLS 握手或证书校验失败', 'high', ['nodeman']),
    signature('gse-zk-unresolved', 'GSE cannot resolve the ZooKeeper names of its configuration', 'high', ['agent']),
  ],
  plan: [
    read('nodeman', '{namespace="blueking", pod=~"bk-nodeman-(backend|saas)-.*"} |= "Status Code: 401" or "Could not resolve host"', 24),
    read('agent', `{filename=~".*/gse[^/]*/agent-err.*"} |= ${AGENT_LITERALS}`, 7),
  ],
  hosts: ['10.0.6.44', '10.0.6.45', 'fd00:10:0:6::44', 'gse-proxy-01.shenzhen.example.com'],
  clusters: ['bk-prod', 'bk-stage'],
};

/** The values of any label, so that a value can be chosen for each. */
export const LABEL_VALUES = ['blueking', 'bk-nodeman-backend-api-6d5f7c8b9-x2x4z', '/data/bkee/gse/logs/agent-err.log'];

const SEEN: Array<[RegExp, SeenStreams]> = [
  [/nodeman-/, streams(12, 1, { namespace: 12, pod: 12, cluster: 12 })],
  [/gateway/, streams(2, 1, { namespace: 2, pod: 2, cluster: 2 })],
  [/agent-err/, streams(184, 1, { filename: 184, host: 180, job: 184 })],
  [/setup_agent/, streams(3, 24, { filename: 3, host: 3 })],
];

/** What the backend answers before there is an address. */
export const NOT_SET_UP: SeenStreams = { streams: -1, hours: 0, labels: [] };

function streams(count: number, hours: number, labels: Record<string, number>): SeenStreams {
  const seen = Object.entries(labels).map(([name, having]) => ({ name, streams: having, example: '' }));
  return { streams: count, hours, labels: seen };
}

/** What the backend answers about a selector; one that is wrong has its place told, as the real one does. */
export function streamsOf(selector: string): SeenStreams {
  if (!selector.trim().startsWith('{')) {
    const message = 'a selector starts with "{" (at position 1)';
    return { streams: -1, hours: 0, labels: [], problem: { message, position: 1 } };
  }
  return SEEN.find(([known]) => known.test(selector))?.[1] ?? streams(0, 24, {});
}

/** What the backend answers about the signature of the scene `config-filled`, in its words. */
export const LINTED: Linted = {
  signatures: ['site-check-failed'],
  fixtures: 1,
  problems: [
    {
      line: 8,
      column: 5,
      signature: 'agent-clock-skew',
      message: 'unknown key "regex"; known keys here: source, any_of, unless, levels, context, vars',
      severity: 'error',
    },
    {
      line: 1,
      column: 1,
      signature: 'agent-clock-skew',
      message: 'summary needs zh and en',
      severity: 'error',
    },
    {
      line: 19,
      column: 5,
      signature: 'site-check-failed',
      message: 'term "failed" has no negative fixture: add one with lines of nodeman and expect {incidents: 0}',
      severity: 'warning',
    },
  ],
};
