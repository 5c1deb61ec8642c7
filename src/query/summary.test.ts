import { type IncidentsQuery, QUERY_TYPES, type Signature } from '../types';
import { summary } from './summary';

const signature = (id: string, change: Partial<Signature> = {}): Signature => ({
  id,
  title: `title of ${id}`,
  severity: 'high',
  class: 'environment',
  family: '',
  sources: ['nodeman'],
  status: 'active',
  ...change,
});
const catalogue = [
  signature('a'),
  signature('b'),
  signature('c', { sources: ['agent'], severity: 'low' }),
  signature('trial', { status: 'shadow' }),
];
const say = (query: Partial<IncidentsQuery>) => summary({ refId: 'A', queryType: 'incidents', ...query }, catalogue);

describe('summary', () => {
  it.each<[Partial<IncidentsQuery>, string]>([
    [{}, 'Looks in the logs of nodeman, agent for 3 signatures; answers with one row for each incident.'],
    [
      { severities: ['low'] },
      'Looks in the logs of agent (Severities Low) for “title of c”; answers with one row for each incident.',
    ],
    [
      { queryType: 'evidence', signatures: ['trial'], clusters: ['c1', 'c2'] },
      'Looks in the logs of nodeman (Clusters c1 | c2) for “title of trial”; answers with the matching lines, newest first.',
    ],
    [
      { queryType: 'count', matchers: [{ name: 'pod', op: '=~', value: 'a"b' }] },
      'Looks in the logs of nodeman, agent (pod=~"a\\"b") for 3 signatures; answers with one number for each signature.',
    ],
    [
      { queryType: 'unmatched', stat: 'coverage', sources: ['agent'] },
      'Looks at the logs of agent; answers with the share of explained errors for each source.',
    ],
    [{ queryType: 'steps', signatures: ['a'] }, 'Reads no logs; answers with what to do.'],
    [{ queryType: 'explain', line: 'x' }, 'Reads no logs; answers with what the line is.'],
  ])('%j', (query, sentence) => {
    expect(say(query)).toBe(sentence);
  });

  it.each(QUERY_TYPES)('has an answer for %s', (queryType) => {
    expect(say({ queryType, incident: 'x' })).toMatch(/answers with .+\.$/);
  });
});
