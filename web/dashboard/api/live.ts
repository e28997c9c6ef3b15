// What is live on every page: the counts, what happens in the portal, and the bulk jobs.
import { signal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { client } from './client';
import type { ResultOf } from './graphql';
import { graphql } from './graphql';

const COUNTS = graphql(`
  subscription Counts {
    portalStats { invited active invitedTotal activeLast30Days version }
  }
`);

const ACTIVITY = graphql(`
  subscription Activity {
    portalActivity { id kind at outcome subjectId contactId contact { id name email } }
  }
`);

export type Counts = NonNullable<ResultOf<typeof COUNTS>['portalStats']>;
export type Activity = NonNullable<ResultOf<typeof ACTIVITY>['portalActivity']>;

export const counts = signal<Counts | null>(null);

const listeners = new Set<(event: Activity) => void>();

export function startLive(): void {
  client.subscription(COUNTS, {}).subscribe(({ data }) => {
    const next = data?.portalStats;
    // An older response never overwrites a newer one: versions are ordered as text.
    if (next && (!counts.value || next.version >= counts.value.version)) counts.value = next;
  });
  client.subscription(ACTIVITY, {}).subscribe(({ data }) => {
    if (data?.portalActivity) for (const listener of listeners) listener(data.portalActivity);
  });
}

/** Calls `handle` for each event. */
export function useActivity(handle: (event: Activity) => void): void {
  const latest = useRef(handle);
  latest.current = handle;
  useEffect(() => {
    const listener = (event: Activity) => latest.current(event);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, []);
}

const PAUSE_MS = 400;

/** Calls `refresh` soon, once for many calls, however long they go on. */
function useSoon(refresh: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(refresh);
  latest.current = refresh;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, PAUSE_MS);
  }, []);
}

/** Calls `refresh` soon after an event of these kinds. */
export function useRefreshOn(kinds: readonly Activity['kind'][], refresh: () => void): void {
  const soon = useSoon(refresh);
  useActivity(({ kind }) => {
    if (kinds.includes(kind)) soon();
  });
}

/** Calls `refresh` when the window is shown or has the focus again: for what others change without an event. */
export function useRefreshOnReturn(refresh: () => void): void {
  const soon = useSoon(refresh);
  useEffect(() => {
    const back = () => {
      if (!document.hidden) soon();
    };
    addEventListener('focus', back);
    document.addEventListener('visibilitychange', back);
    return () => {
      removeEventListener('focus', back);
      document.removeEventListener('visibilitychange', back);
    };
  }, []);
}
