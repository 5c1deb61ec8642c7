import type { Linted, LintedProblem } from './checkup';
import { lintRemark, marksOf, placeOf, titleOf } from './lint';

const problem: LintedProblem = { line: 2, column: 3, signature: 'mine', message: 'is wrong', severity: 'error' };
const linted = (change: Partial<Linted>): { value: Linted } => ({
  value: { signatures: ['mine', 'other'], fixtures: 5, problems: [], ...change },
});

describe('marksOf', () => {
  it('marks from the place to the end of the line', () => {
    expect(marksOf([problem], 'a: 1\nb: long line  \n')).toEqual([
      { severity: 8, message: 'mine: is wrong', startLineNumber: 2, startColumn: 3, endLineNumber: 2, endColumn: 13 },
    ]);
  });

  it.each([
    ['without a place', { line: 0, column: 0 }, { startLineNumber: 1, startColumn: 1 }],
    ['behind the text that was changed since', { line: 9, column: 1 }, { startLineNumber: 2, startColumn: 1 }],
    ['at the end of a line', { line: 1, column: 9 }, { startColumn: 9, endColumn: 10 }],
  ])('marks a problem %s', (_, place, mark) => {
    expect(marksOf([{ ...problem, ...place }], 'a: 1\nb')[0]).toMatchObject(mark);
  });

  it('tells warnings from errors', () => {
    expect(marksOf([{ ...problem, severity: 'warning' }], 'a\nb')[0].severity).toBe(4);
  });
});

it('names a problem by its place and signature', () => {
  expect([placeOf(problem), placeOf({ ...problem, line: 0 })]).toEqual(['2:3', '']);
  expect([titleOf(problem), titleOf({ ...problem, signature: '' })]).toEqual(['mine: is wrong', 'is wrong']);
});

describe('lintRemark', () => {
  it.each([
    ['clean', linted({}), 'good', 'Signatures that will be used: 2; tests passed: 5'],
    [
      'with an error',
      linted({ problems: [problem], more: 3 }),
      'wrong',
      /^Problems: 4\. Signatures that will be used: 2/,
    ],
    ['unproven', linted({ problems: [{ ...problem, severity: 'warning' }] }), 'doubt', /What they do not prove: 1$/],
    ['refused', { problem: 'Only administrators' }, 'doubt', 'Only administrators'],
    ['on its way', undefined, 'quiet', /^Checking/],
  ])('%s', (_, answer, kind, text) => {
    expect(lintRemark('id: mine', answer)).toEqual({ kind, text: expect.stringMatching(text) });
  });

  it('says nothing of nothing', () => {
    expect(lintRemark(' \n', linted({}))).toBeUndefined();
  });
});
