// What an action would do, asked a moment after the input changed.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Outcome } from './outcome';

const DELAY_MS = 350;

export type DryRun<Result = Outcome> = { outcome: Result | undefined; error: unknown; running: boolean };

/** Runs for each new `input`; null is not ready to run. */
export function useDryRun<Input extends object, Result = Outcome>(input: Input | null, run: (input: Input) => Promise<Result>): DryRun<Result> {
  const [state, setState] = useState<{ input: Input | null; outcome?: Result; error?: unknown }>({ input: null });
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (!input) return;
    let current = true;
    const keep = (result: { outcome?: Result; error?: unknown }) => current && setState({ input, ...result });
    const timer = setTimeout(() => {
      latest.current(input).then((outcome) => keep({ outcome }), (error: unknown) => keep({ error }));
    }, DELAY_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [input]);
  const known = input && state.input === input ? state : undefined;
  return { outcome: known?.outcome, error: known?.error, running: Boolean(input && !known) };
}
