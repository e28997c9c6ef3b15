import type { AnyVariables } from '@urql/core';
import { useEffect, useState } from 'preact/hooks';
import type { Document } from './client';
import { client } from './client';
import { epoch } from './connection';
import { ApiError } from './error';

export type Loaded<Data> = {
  data: Data | undefined;
  error: ApiError | undefined;
  loading: boolean;
  /** Reads again from the server; what is shown stays until the response is there. */
  reload: () => void;
};

/** Reads `document`, and again whenever the variables or the cached objects change, or the connection came back. */
export function useQuery<Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
  options: { pause?: boolean } = {},
): Loaded<Data> {
  const [state, setState] = useState<{ key: string; data?: Data; error?: ApiError }>({ key: '' });
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(variables);
  const pause = options.pause ?? false;
  const revision = `${turn}.${epoch.value}`;

  useEffect(() => {
    if (pause) return;
    const requestPolicy = revision === '0.0' ? 'cache-and-network' : 'network-only';
    const subscription = client.query(document, variables, { requestPolicy }).subscribe((result) => {
      const error = result.error && ApiError.of(result.error);
      setState((old) => ({ key, data: result.data ?? (old.key === key ? old.data : undefined), error }));
    });
    return () => subscription.unsubscribe();
  }, [document, key, pause, revision]);

  const current = state.key === key ? state : undefined;
  return {
    data: current?.data,
    error: current?.error,
    loading: !pause && !current?.data && !current?.error,
    reload: () => setTurn((old) => old + 1),
  };
}

/** Subscribes while the component is mounted; survives lost connections. */
export function useSubscription<Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
  next: (data: Data) => void,
): void {
  const key = JSON.stringify(variables);
  useEffect(() => {
    const subscription = client.subscription(document, variables).subscribe((result) => {
      if (result.data) next(result.data);
    });
    return () => subscription.unsubscribe();
  }, [document, key]);
}
