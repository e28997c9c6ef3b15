import { useRef, useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import type { Audience, Item } from './documents';
import { REORDER } from './documents';

/** `index` counts the items as they are before the move. */
export function moved(ids: readonly string[], id: string, index: number): string[] {
  const from = ids.indexOf(id);
  const rest = ids.filter((each) => each !== id);
  const at = index > from ? index - 1 : index;
  return [...rest.slice(0, at), id, ...rest.slice(at)];
}

const arranged = (items: readonly Item[], ids: readonly string[]): Item[] => {
  const byId = new Map(items.map((item) => [item.id, item]));
  const known = ids.map((id) => byId.get(id)).filter((item): item is Item => item !== undefined);
  return [...known, ...items.filter(({ id }) => !ids.includes(id))];
};

/** Shows a new order at once and sends it. Moves that are made while one is being sent follow as one. */
export function useOrder(audience: Audience, items: readonly Item[], reload: () => void) {
  const [wanted, setWanted] = useState<string[] | null>(null);
  const [error, setError] = useState<unknown>();
  const next = useRef<string[] | null>(null);
  const sending = useRef(false);
  const sendAll = async () => {
    if (sending.current) return;
    sending.current = true;
    try {
      while (next.current) {
        const ids = next.current;
        await mutate(REORDER, { input: { audience, menuItemIds: ids } });
        if (next.current === ids) next.current = null;
      }
    } catch (failure) {
      next.current = null;
      setError(failure);
      setWanted(null);
    }
    sending.current = false;
    reload();
  };
  const shown = wanted ? arranged(items, wanted) : [...items];
  const ids = shown.map(({ id }) => id);
  const put = (to: string[]) => {
    if (to.join() === ids.join()) return;
    setError(undefined);
    next.current = to;
    setWanted(to);
    void sendAll();
  };
  const conflict = error instanceof ApiError && (error.code === 'CONFLICT' || error.input === 'menuItemIds');
  return { shown, ids, put, conflict, error: conflict ? undefined : error, dismiss: () => setError(undefined) };
}
