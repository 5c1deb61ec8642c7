import { t } from '@grafana/i18n';

import type { Linted, LintedProblem } from './checkup';
import type { Remark } from './streams';
import type { Answer } from './useAnswers';

/** A mark in the editor, as monaco's setModelMarkers takes it. */
export interface Mark {
  severity: number;
  message: string;
  startLineNumber: number;
  startColumn: number;
  endLineNumber: number;
  endColumn: number;
}

// monaco.MarkerSeverity
const SEVERITIES = { error: 8, warning: 4 };

/** Marks from each problem's place to the end of its line. A problem without a place is marked on the first line. */
export function marksOf(problems: LintedProblem[], text: string): Mark[] {
  const lines = text.split('\n');
  return problems.map(({ line, column, severity, ...problem }) => {
    const at = Math.min(Math.max(line, 1), lines.length);
    const start = Math.max(column, 1);
    return {
      severity: SEVERITIES[severity],
      message: titleOf(problem),
      startLineNumber: at,
      startColumn: start,
      endLineNumber: at,
      endColumn: Math.max(lines[at - 1].trimEnd().length + 1, start + 1),
    };
  });
}

/** `12:3`, or nothing for a problem without a place. */
export function placeOf({ line, column }: LintedProblem): string {
  return line > 0 ? `${line}:${column}` : '';
}

export function titleOf({ signature, message }: Pick<LintedProblem, 'signature' | 'message'>): string {
  return signature ? `${signature}: ${message}` : message;
}

/** What comes of the text as a whole. */
export function lintRemark(text: string, answer: Answer<Linted> | undefined): Remark | undefined {
  if (text.trim() === '') {
    return undefined;
  }
  if (answer?.problem) {
    return { kind: 'doubt', text: answer.problem };
  }
  if (!answer?.value) {
    return { kind: 'quiet', text: t('config.lint.asking', 'Checking …') };
  }
  const { signatures, fixtures, problems, more = 0 } = answer.value;
  const values = {
    signatures: signatures.length,
    fixtures,
    errors: problems.filter(({ severity }) => severity === 'error').length,
    problems: problems.length + more,
  };
  if (values.errors > 0) {
    return {
      kind: 'wrong',
      text: t(
        'config.lint.errors',
        'Problems: {{problems}}. Signatures that will be used: {{signatures}}; those with errors are left out.',
        values
      ),
    };
  }
  if (values.problems > 0) {
    return {
      kind: 'doubt',
      text: t(
        'config.lint.warnings',
        'Signatures that will be used: {{signatures}}. What they do not prove: {{problems}}',
        values
      ),
    };
  }
  return {
    kind: 'good',
    text: t('config.lint.clean', 'Signatures that will be used: {{signatures}}; tests passed: {{fixtures}}', values),
  };
}
