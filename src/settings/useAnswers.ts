import { useEffect, useRef, useState } from 'react';
import { catchError, from, map, mergeMap, type Observable, of, timer } from 'rxjs';

import { messageOf } from '../query/suggestions';

/** What the backend said of an input: a value, or why there is none. */
export interface Answer<T> {
  value?: T;
  problem?: string;
}

/** How long an input has to stay as it is before the backend is asked, in ms. */
export const PAUSE = 600;

/**
 * Asks the backend about inputs, each once, when they have not changed for a moment. A question that nobody has any
 * more is cancelled. Answers are by input; one that is missing is on its way.
 *
 * @param epoch - answers of another epoch are forgotten
 */
export function useAnswers<T>(
  inputs: string[],
  ask: (input: string) => Observable<T>,
  epoch: unknown
): Partial<Record<string, Answer<T>>> {
  const [known, setKnown] = useState<{ epoch: unknown; answers: Partial<Record<string, Answer<T>>> }>({
    epoch,
    answers: {},
  });
  const answers = known.epoch === epoch ? known.answers : {};
  const open = [...new Set(inputs)].filter((input) => !answers[input]);
  // The effect asks for what was open when the inputs changed, not again for every answer.
  const latest = useRef({ open, ask });
  useEffect(() => {
    latest.current = { open, ask };
  });
  const question = JSON.stringify(inputs);
  useEffect(() => {
    const questions = timer(PAUSE).pipe(
      mergeMap(() => from(latest.current.open)),
      mergeMap((input) =>
        latest.current.ask(input).pipe(
          map((value): Answer<T> => ({ value })),
          catchError((error) => of<Answer<T>>({ problem: messageOf(error) })),
          map((answer) => ({ input, answer }))
        )
      )
    );
    const asked = questions.subscribe(({ input, answer }) =>
      setKnown((before) => ({
        epoch,
        answers: { ...(before.epoch === epoch && before.answers), [input]: answer },
      }))
    );
    return () => asked.unsubscribe();
  }, [question, epoch]);
  return answers;
}
