// A list that is read page by page while it is scrolled. Rows that appear later are announced and never move what is being read.
import type { AnyVariables } from '@urql/core';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Document } from './client';
import { client } from './client';
import { epoch } from './connection';
import { ApiError } from './error';

export type Row = { id: string };

type Connection<Node> = {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount?: number;
};

export type List<Node> = {
  rows: Node[];
  total: number | undefined;
  /** Nothing has been read yet. */
  loading: boolean;
  error: ApiError | undefined;
  hasMore: boolean;
  loadMore: () => void;
  /** The number of rows that are new since; `showFresh` shows them. */
  fresh: number;
  showFresh: () => void;
  /** Reads the first page again, for changes by others: new rows are announced. */
  refresh: () => void;
  /** Reads again and shows everything at once, after a change of one's own. */
  reload: () => void;
};

type Page = { nodes: readonly Row[]; hasNextPage: boolean; endCursor: string | null };

class Pages {
  shown: Page[] = [];
  /** What the server has now, where it has rows that are not shown. */
  pending = new Map<number, Page>();
  total: number | undefined;
  error: ApiError | undefined;
  private subscriptions: (() => void)[] = [];
  private eager = true;

  constructor(
    private readonly read: (after: string | null, policy: 'cache-and-network' | 'network-only', next: (page: Page | ApiError, total?: number) => void) => () => void,
    private readonly changed: () => void,
  ) {}

  open(policy: 'cache-and-network' | 'network-only'): void {
    const index = this.subscriptions.length;
    const after = index === 0 ? null : (this.shown[index - 1]?.endCursor ?? null);
    this.subscriptions.push(() => {});
    this.subscriptions[index] = this.read(after, policy, (page, total) => {
      this.receive(index, page, total);
      this.changed();
    });
  }

  private receive(index: number, page: Page | ApiError, total?: number): void {
    if (page instanceof ApiError) {
      this.error = page;
      return;
    }
    this.error = undefined;
    if (total !== undefined) this.total = total;
    const old = this.shown[index];
    // An empty list has no rows that could jump.
    if (old?.nodes.length && !this.eager && this.unseen(page) > 0) {
      this.pending.set(index, page);
      this.shown[index] = { ...old, nodes: updated(old.nodes, page.nodes) };
    } else {
      this.pending.delete(index);
      this.shown[index] = page;
    }
  }

  /** From now on, new rows are announced. */
  settle(): void {
    this.eager = false;
  }

  unseen(page: Page): number {
    const ids = new Set(this.shown.flatMap(({ nodes }) => nodes.map(({ id }) => id)));
    return page.nodes.filter(({ id }) => !ids.has(id)).length;
  }

  refresh(): void {
    this.subscriptions[0]?.();
    this.subscriptions[0] = this.read(null, 'network-only', (page, total) => {
      this.receive(0, page, total);
      this.changed();
    });
  }

  close(): void {
    for (const unsubscribe of this.subscriptions) unsubscribe();
    this.subscriptions = [];
  }

  get opened(): number {
    return this.subscriptions.length;
  }
}

const updated = (shown: readonly Row[], received: readonly Row[]): Row[] => {
  const byId = new Map(received.map((row) => [row.id, row]));
  return shown.map((row) => byId.get(row.id) ?? row);
};

/** Reads the connection that `pick` finds in the response. `variables` are those of the first page, without `after`. */
export function useList<Data, Variables extends AnyVariables, Node extends Row>(
  document: Document<Data, Variables>,
  variables: Omit<Variables, 'after'>,
  pick: (data: Data) => Connection<Node> | null | undefined,
): List<Node> {
  const [, render] = useState({});
  const [turn, setTurn] = useState(0);
  const key = JSON.stringify(variables);
  const pages = useRef<Pages | null>(null);
  const revision = `${turn}.${epoch.value}`;
  const shownKey = useRef('');

  useEffect(() => {
    const before = shownKey.current === key ? pages.current?.shown : undefined;
    const current = new Pages(
      (after, requestPolicy, next) => {
        const subscription = client
          .query(document, { ...variables, after } as unknown as Variables, { requestPolicy })
          .subscribe((result) => {
            const connection = result.data && pick(result.data);
            if (connection) next({ nodes: connection.nodes, ...connection.pageInfo }, connection.totalCount);
            else if (result.error) next(ApiError.of(result.error));
            if (!result.stale && !result.hasNext) current.settle();
          });
        return () => subscription.unsubscribe();
      },
      () => render({}),
    );
    pages.current = current;
    shownKey.current = key;
    // After a reconnection the first page is read again; until it is there, the old rows stay.
    if (before) current.shown = before.slice(0, 1);
    current.open(revision === '0.0' ? 'cache-and-network' : 'network-only');
    return () => current.close();
  }, [document, key, revision]);

  const now = shownKey.current === key ? pages.current : null;
  const shown = now?.shown ?? [];
  const last = shown[shown.length - 1];
  const hasMore = last?.hasNextPage ?? false;
  const fresh = now ? [...now.pending.values()].reduce((sum, page) => sum + now.unseen(page), 0) : 0;

  return {
    rows: shown.flatMap(({ nodes }) => nodes as readonly Node[]),
    total: now?.total,
    loading: shown.length === 0 && !now?.error,
    error: now?.error,
    hasMore,
    loadMore: useCallback(() => {
      const current = pages.current;
      if (current && current.opened === current.shown.length && hasMore) current.open('cache-and-network');
    }, [hasMore]),
    fresh,
    showFresh: () => setTurn((old) => old + 1),
    refresh: useCallback(() => pages.current?.refresh(), []),
    reload: () => setTurn((old) => old + 1),
  };
}
