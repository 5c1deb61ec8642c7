import { type DataFrame, type DataQueryResponse, type Field, FieldType } from '@grafana/data';

// Grafana's table with the toggle `tableNextGen` sets the height of a row before the browser wraps its text. It counts
// characters as if all were as wide as a Latin one, and lines as if only a space or a hyphen could end one. Chinese text
// has neither, so its rows came out too low, and the rest of the text was cut off.

const WIDE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60]/g;
const PAUSE = /([，。；：、！？）”】])(?=[^\s，。；：、！？）”】])/g;

/** The same text with a place to break after each pause, and as long as it is wide. What is added at the end is not seen. */
export function measurable(text: string): string {
  const wide = text.match(WIDE)?.length ?? 0;
  return wide === 0 ? text : `${text.replace(PAUSE, '$1 ')}\n${' '.repeat(wide)}`;
}

/** Columns that tables wrap. */
const PROSE = new Set(['title', 'summary', 'why', 'hypotheses', 'first_step', 'instruction', 'text', 'reason']);

/**
 * Characters of a word that have room in a column of commands, on a phone and on a desktop. The newer table cuts off
 * what is longer: it never breaks a word.
 */
const ROOM = { phone: 28, desktop: 42 };

/**
 * The same command with its long words continued on the next line, as a shell reads it: `\` before the end of a line
 * means nothing outside single quotes. A command that is not for a POSIX shell, or brings its own lines, stays as it is.
 */
export function continued(command: string, room: number): string {
  if (command.includes('<<') || /powershell|\b[A-Z]:\\/i.test(command)) {
    return command;
  }
  let out = '';
  let quote = '';
  let word = 0; // characters since the last place to break
  for (let i = 0; i < command.length; i++) {
    const char = command[i];
    const comment = char === '#' && quote === '' && (i === 0 || /\s/.test(command[i - 1]));
    if (comment) {
      const end = command.indexOf('\n', i);
      out += command.slice(i, end < 0 ? undefined : end);
      i = end < 0 ? command.length : end - 1;
      word = 0;
      continue;
    }
    if (char === '\\' && quote !== "'" && i + 1 < command.length) {
      out += char + command[++i]; // what is escaped stays with its backslash
      word += 2;
      continue;
    }
    if (quote === '' ? char === "'" || char === '"' : char === quote) {
      quote = quote === '' ? char : '';
    }
    out += char;
    word = /\s/.test(char) ? 0 : word + 1;
    const rest = command.slice(i + 1).match(/^[^\s]*/)?.[0].length ?? 0;
    const pause = word >= room / 2 && /[/&?,;:=]/.test(char) && word + nextPause(command, i + 1) > room;
    if (rest > 0 && word + rest > room && quote !== "'" && (pause || word >= room) && command[i + 1] !== '\\') {
      out += '\\\n';
      word = 0;
    }
  }
  return out;
}

/** How far it is to the next place in a word that is good to break at, or to the word's end. */
const nextPause = (text: string, from: number) => text.slice(from).match(/^[^\s/&?,;:=]*[/&?,;:=]?/)?.[0].length ?? 0;

/** The same prose with its long words (paths, addresses) going on in the next line. */
export function withShortWords(text: string, room: number): string {
  const long = new RegExp(`[!-~]{${room + 1},}`, 'g');
  const parts = new RegExp(`.{1,${room - 1}}(?:[/&?,;:=]|$)|.{1,${room}}`, 'g');
  return text.replace(long, (word) => word.match(parts)?.join('\n') ?? word);
}

/** Tables whose rows get their true height. */
export function withMeasurableTexts(response: DataQueryResponse): DataQueryResponse {
  return { ...response, data: response.data.map((frame: DataFrame) => (isTable(frame) ? measured(frame) : frame)) };
}

const isTable = ({ meta }: DataFrame) => meta?.preferredVisualisationType === 'table';

function measured(frame: DataFrame): DataFrame {
  const room = window.innerWidth < 600 ? ROOM.phone : ROOM.desktop;
  const changed = (change: (text: string, row: number) => string) => (field: Field) => ({
    ...field,
    values: field.values.map((value, row) => (typeof value === 'string' ? change(value, row) : value)),
  });
  const broken = changed((command) => continued(command, room));
  const commands = frame.fields.filter(({ name }) => name === 'command').map(broken);
  const beside = (row: number) => String(commands[0]?.values[row] ?? '');
  const prose = changed((text, row) => {
    const longer = measurable(withShortWords(text, room));
    return commands.length > 0 ? tallest(longer, beside(row)) : longer;
  });
  return {
    ...frame,
    fields: frame.fields.map((field) => {
      if (field.name === 'command') {
        return commands[0];
      }
      return field.type === FieldType.string && PROSE.has(field.name) ? prose(field) : field;
    }),
  };
}

/** Widths of the column, in characters, from a phone's to a wide screen's. */
const ROOMS = [28, 30, 32, 34, 38, 42, 46, 50, 56, 62, 80];

/**
 * The text of a column beside commands, as high as the command at least, and the longest in characters: of the columns
 * of a row, Grafana measures only the one with most of them, and a command cannot be made longer without changing it.
 */
function tallest(text: string, command: string): string {
  const missing = Math.max(...ROOMS.map((room) => linesOf(command, room) - linesOf(text, room)), 0);
  const longer = text + '\n'.repeat(missing);
  const breaks = (longer + command).split('\n').length;
  return `${longer}${' '.repeat(Math.max(0, command.length + 24 * breaks - longer.length))}`;
}

/** Lines of a text where each has room for so many Latin characters. */
function linesOf(text: string, room: number): number {
  return text.split('\n').reduce((sum, line) => {
    let used = 0;
    let lines = 1;
    for (const word of line.split(/(?<=[ -])/)) {
      const width = word.trimEnd().length + (word.match(WIDE)?.length ?? 0);
      if (used > 0 && used + width > room) {
        lines++;
        used = 0;
      }
      used += width + 1;
    }
    return sum + lines;
  }, 0);
}
