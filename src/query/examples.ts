import { t } from '@grafana/i18n';

import type { IncidentsQuery } from '../types';

export interface Example {
  title: string;
  description: string;
  query: Omit<IncidentsQuery, 'refId'>;
}

/** What people ask first. */
export function examples(): Example[] {
  return [
    {
      title: t('help.active.title', 'What is broken now?'),
      description: t('help.active.description', 'Every active incident, with its evidence and first step'),
      query: { queryType: 'incidents', view: 'brief', states: ['active'] },
    },
    {
      title: t('help.severe.title', 'Which severe incidents were there?'),
      description: t(
        'help.severe.description',
        'Critical and high incidents of the time range, also the resolved ones'
      ),
      query: { queryType: 'incidents', view: 'brief', severities: ['critical', 'high'] },
    },
    {
      title: t('help.gse.title', 'Which agents lost their connection?'),
      description: t('help.gse.description', 'The agent log lines behind incidents of unconnected GSE agents'),
      query: { queryType: 'evidence', signatures: ['gse-not-connected'] },
    },
    {
      title: t('help.count.title', 'How many of each kind?'),
      description: t('help.count.description', 'One number for each signature; quiet ones show 0'),
      query: { queryType: 'count', stat: 'active' },
    },
    {
      title: t('help.timeline.title', 'When did it start, and is it getting worse?'),
      description: t('help.timeline.description', 'Matching lines over time, one series for each signature'),
      query: { queryType: 'timeline', stat: 'lines' },
    },
    {
      title: t('help.unmatched.title', 'Which errors does nobody know yet?'),
      description: t(
        'help.unmatched.description',
        'Error lines that no signature explains, the most frequent first, each with a draft to start from'
      ),
      query: { queryType: 'unmatched', stat: 'clusters' },
    },
    {
      title: t('help.coverage.title', 'How much do the signatures explain?'),
      description: t('help.coverage.description', 'The share of error lines with a known cause, for each source'),
      query: { queryType: 'unmatched', stat: 'coverage' },
    },
    {
      title: t('help.steps.title', 'What do I do about a job gateway 401?'),
      description: t('help.steps.description', 'The remediation steps of one signature'),
      query: { queryType: 'steps', signatures: ['job-api-401'] },
    },
    {
      title: t('help.health.title', 'Do the logs still arrive?'),
      description: t(
        'help.health.description',
        'A quiet catalogue means something only while every source ships lines'
      ),
      query: { queryType: 'health' },
    },
  ];
}
