import { createDataFrame, dataFrameFromJSON, type DataFrameJSON, FieldType } from '@grafana/data';

import { goldenFrame } from '../testdata/dashboards';
import { continued, measurable, withMeasurableTexts, withShortWords } from './wrapping';

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

  it('leave keys alone', () => {
    const { data } = withMeasurableTexts({ data: [frame] });
    const values = (name: string, of = frame) => of.fields.find((field) => field.name === name)!.values;
    expect(values('step', data[0])).toEqual(values('step'));
    expect(values('instruction', data[0])).not.toEqual(values('instruction'));
  });

  it.each([230, 300, 370, 440])('get rows in which the command beside has room, too: %i pixels', (room) => {
    const url = 'http://10.8.0.11:30025/generic/blueking/bknodeman/data/bkee/public/bknodeman/download/setup_agent.sh';
    const instruction = '在目的主机上用同样的参数加 -v 重试一次，看停在解析、连接还是传输阶段。\n▸ 执行位置：目的主机';
    for (const command of [
      `curl -v ${url} -o /dev/null --connect-timeout 5 -sSfg`,
      `a; ${url}; ${url}; ${url}; ${url}`,
      '',
    ]) {
      const { data } = withMeasurableTexts({
        data: [
          createDataFrame({
            meta: { preferredVisualisationType: 'table' },
            fields: [
              { name: 'instruction', type: FieldType.string, values: [instruction] },
              { name: 'command', type: FieldType.string, values: [command] },
            ],
          }),
        ],
      });
      const [text, beside] = data[0].fields.map((field: { values: string[] }) => field.values[0]);
      expect(text.length).toBeGreaterThan(beside.length);
      expect(count(text, room)).toBeGreaterThanOrEqual(count(beside, room));
      expect(text.trimEnd().replace(/\s/g, '')).toBe(instruction.replace(/\s/g, ''));
    }
  });
});

describe('long words of prose', () => {
  it.each([28, 42])('go on in the next line (%i characters)', (room) => {
    const text =
      '查看 /data/bkee/public/bknodeman/download/a-directory/gse_agent.conf，以及 ' +
      'x'.repeat(90) +
      '。短的 /etc/hosts';
    const lines = withShortWords(text, room);
    expect(lines.replaceAll('\n', '')).toBe(text);
    expect(Math.max(...lines.split(/[^!-~]/).map((word) => word.length))).toBeLessThanOrEqual(room);
    expect(withShortWords('看 /etc/hosts', room)).toBe('看 /etc/hosts');
  });
});

describe('continued', () => {
  const url = 'http://10.8.0.11:30025/generic/blueking/bknodeman/data/bkee/public/bknodeman/download/setup_agent.sh';

  it.each([
    `curl -v ${url} -o /dev/null`,
    `curl "${url}?a=1&b=2"`,
    `echo ${'x'.repeat(100)}`,
    String.raw`echo ${'a\ b'.repeat(40)}`,
    'ls -l # and a word, see ' + url,
  ])('is the same command to a shell: %s', (command) => {
    const lines = continued(command, 42);
    expect(lines.replaceAll('\\\n', '')).toBe(command);
    const longest = Math.max(
      ...lines
        .split('#')[0]
        .split(/\s/)
        .map((word) => word.length)
    );
    expect(longest).toBeLessThanOrEqual(44);
  });

  it.each([
    ['short words', 'kubectl get nodes -o wide; kubectl get svc -n blueking bk-repo-bkrepo-gateway'],
    ['single quotes', `curl '${url}'`],
    ['a here document', `cat <<E\n${url}\nE`],
    [
      'a Windows path',
      String.raw`type C:\gse\logs\agent-err-and-a-very-long-name-of-a-file-that-no-column-has-room-for.log`,
    ],
  ])('leaves %s alone', (_, command) => {
    expect(continued(command, 42)).toBe(command);
  });
});
