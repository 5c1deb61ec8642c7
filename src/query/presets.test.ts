import type { IncidentsQuery } from '../types';
import { applyPreset, presetChoices, presetOf, PRESETS } from './presets';

const annotation: IncidentsQuery = { refId: 'Anno', queryType: 'annotations', clusters: ['$cluster'] };

describe('presets', () => {
  it.each(PRESETS.filter((preset) => preset !== 'custom'))('%s is recognised once applied', (preset) => {
    const query = applyPreset({ ...annotation, severities: ['low'], states: ['resolved'], stat: 'started' }, preset);
    expect(presetOf(query)).toBe(preset);
    expect(query.clusters).toEqual(['$cluster']);
  });

  it('say what they mean', () => {
    expect(applyPreset(annotation, 'severe')).toEqual({ ...annotation, severities: ['critical', 'high'] });
    expect(applyPreset(annotation, 'active')).toEqual({ ...annotation, states: ['active'] });
    expect(applyPreset(annotation, 'starts')).toEqual({ ...annotation, stat: 'started' });
  });

  it('are recognised in any order, and nothing else is', () => {
    expect(presetOf({ ...annotation, severities: ['high', 'critical'] })).toBe('severe');
    expect(presetOf({ ...annotation, severities: ['high'] })).toBe('custom');
    expect(presetOf({ ...annotation, severities: ['$severity'] })).toBe('custom');
    expect(presetOf({ ...annotation, severities: [] })).toBe('all');
  });

  it('offer custom only while it is the case', () => {
    expect(presetChoices('all').map(({ value }) => value)).not.toContain('custom');
    expect(presetChoices('custom').map(({ value }) => value)).toContain('custom');
  });
});
