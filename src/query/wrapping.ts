import { type DataFrame, type DataQueryResponse, FieldType } from '@grafana/data';

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

/** Tables whose rows get their true height. */
export function withMeasurableTexts(response: DataQueryResponse): DataQueryResponse {
  return { ...response, data: response.data.map((frame: DataFrame) => (isTable(frame) ? measured(frame) : frame)) };
}

const isTable = ({ meta }: DataFrame) => meta?.preferredVisualisationType === 'table';

function measured(frame: DataFrame): DataFrame {
  const longer = (value: unknown) => (typeof value === 'string' ? measurable(value) : value);
  return {
    ...frame,
    fields: frame.fields.map((field) =>
      field.type === FieldType.string && PROSE.has(field.name) ? { ...field, values: field.values.map(longer) } : field
    ),
  };
}
