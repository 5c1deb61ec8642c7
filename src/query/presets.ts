import { t } from '@grafana/i18n';

import type { IncidentsQuery } from '../types';
import { changeFields } from './change';
import type { Choice } from './choices';

export const PRESETS = ['all', 'severe', 'active', 'starts', 'custom'] as const;
export type Preset = (typeof PRESETS)[number];

/** The fields that presets decide about; everything else of an annotation stays as it is. */
const DECIDED = ['severities', 'states', 'stat'] as const;
type Decided = Pick<IncidentsQuery, (typeof DECIDED)[number]>;

const QUERIES: Record<Exclude<Preset, 'custom'>, Decided> = {
  all: {},
  severe: { severities: ['critical', 'high'] },
  active: { states: ['active'] },
  starts: { stat: 'started' },
};

export function presetChoices(current: Preset): Array<Choice<Preset>> {
  const texts: Record<Preset, [string, string]> = {
    all: [
      t('preset.all.label', 'All incidents'),
      t('preset.all.description', 'A region from the start of each incident to its end'),
    ],
    severe: [
      t('preset.severe.label', 'Severe incidents'),
      t('preset.severe.description', 'Only critical and high ones, as regions'),
    ],
    active: [
      t('preset.active.label', 'Active incidents'),
      t('preset.active.description', 'Only those that still go on at the end of the time range'),
    ],
    starts: [
      t('preset.starts.label', 'Starts only'),
      t('preset.starts.description', 'A line where an incident starts; for graphs that regions would cover'),
    ],
    custom: [t('preset.custom.label', 'Custom'), t('preset.custom.description', 'The filters below')],
  };
  // Custom is what filters make, not a thing to choose.
  return PRESETS.filter((preset) => preset !== 'custom' || current === 'custom').map((value) => {
    const [label, description] = texts[value];
    return { value, label, description };
  });
}

export function presetOf(query: IncidentsQuery): Preset {
  const decided = JSON.stringify(decidedOf(query));
  return (
    PRESETS.find((preset) => preset !== 'custom' && JSON.stringify(decidedOf(QUERIES[preset])) === decided) ?? 'custom'
  );
}

export function applyPreset(query: IncidentsQuery, preset: Preset): IncidentsQuery {
  return preset === 'custom' ? query : changeFields(query, { ...CLEARED, ...QUERIES[preset] });
}

const CLEARED: Decided = { severities: undefined, states: undefined, stat: undefined };

function decidedOf(query: Decided): unknown[] {
  return DECIDED.map((key) => {
    const value = query[key];
    return Array.isArray(value) ? [...value].sort() : (value ?? []);
  });
}
