import { dataFrameFromJSON, type DataFrameJSON } from '@grafana/data';

import { goldenFrame } from '../testdata/dashboards';
import { measurable, withMeasurableTexts } from './wrapping';

// As wide as in Grafana's font at 14 pixels, nearly.
const width = (text: string) => [...text].reduce((sum, char) => sum + (char > '\u2e80' ? 14 : 7.2), 0);

/** Lines that Grafana counts (uWrap.js): a word that is wider than the room stays on one line. */
function count(text: string, room: number): number {
  return text
    .replace(/ +$/, '')
    .split('\n')
    .reduce((sum, line) => {
      let used = 0;
      let lines = 1;
      for (const word of line.split(/(?<=[ -])/)) {
        if (used > 0 && used + width(word.trimEnd()) > room) {
          lines++;
          used = 0;
        }
        used += width(word);
      }
      return sum + lines;
    }, 0);
}

/** Lines that a browser needs: it breaks between any two Chinese characters. */
function lines(text: string, room: number): number {
  return text
    .trimEnd()
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / (room - 14))), 0);
}

describe('texts of tables', () => {
  const frame = dataFrameFromJSON(goldenFrame('steps.zh') as DataFrameJSON);
  const texts: string[] = frame.fields.find(({ name }) => name === 'instruction')!.values;

  it.each([230, 300, 370, 440])('get rows in which all lines have room: %i pixels', (room) => {
    for (const text of texts) {
      const longer = measurable(text);
      // Grafana measures the column that has most characters for its width.
      expect((longer.length * 7.2) / room).toBeGreaterThan(width(text) / room - 0.1);
      expect(count(longer, room)).toBeGreaterThanOrEqual(lines(text, room));
    }
  });

  it('read the same', () => {
    for (const text of texts) {
      expect(measurable(text).replace(/\s+/g, '')).toBe(text.replace(/\s+/g, ''));
    }
    expect(measurable('no Chinese, nothing to do')).toBe('no Chinese, nothing to do');
    expect(measurable('先看，再做')).toMatch(/^先看， 再做\s+$/);
  });

  it('leave commands and keys alone', () => {
    const { data } = withMeasurableTexts({ data: [frame] });
    const values = (name: string, of = frame) => of.fields.find((field) => field.name === name)!.values;
    expect(values('command', data[0])).toEqual(values('command'));
    expect(values('step', data[0])).toEqual(values('step'));
    expect(values('instruction', data[0])).not.toEqual(values('instruction'));
  });
});
