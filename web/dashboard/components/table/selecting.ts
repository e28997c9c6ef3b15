import { useCallback, useRef } from 'preact/hooks';
import type { Selection } from './types';

export type Selecting = {
  has: (id: string) => boolean;
  toggle: (id: string, range: boolean) => void;
  toggleLoaded: () => void;
  /** Whether all, some or none of the loaded rows are selected. */
  loaded: 'all' | 'some' | 'none';
};

const NOTHING: ReadonlySet<string> = new Set();

/** Selects rows; Shift selects from the row that was toggled last. */
export function useSelecting(selection: Selection | undefined, ids: readonly string[]): Selecting {
  const anchor = useRef<string | null>(null);
  const chosen = selection?.ids.value ?? NOTHING;
  const all = selection?.all?.value ?? false;
  const has = useCallback((id: string) => all || chosen.has(id), [all, chosen]);
  const count = all ? ids.length : ids.filter((id) => chosen.has(id)).length;

  const change = (next: Set<string>) => {
    if (!selection) return;
    selection.ids.value = next;
    if (selection.all) selection.all.value = false;
  };
  const toggle = (id: string, range: boolean) => {
    const from = range && anchor.current ? ids.indexOf(anchor.current) : -1;
    const to = ids.indexOf(id);
    const touched = from < 0 ? [id] : ids.slice(Math.min(from, to), Math.max(from, to) + 1);
    const select = !has(id);
    const next = new Set(all ? ids : chosen);
    for (const one of touched) {
      if (select) next.add(one);
      else next.delete(one);
    }
    anchor.current = id;
    change(next);
  };
  const loaded = ids.length > 0 && count === ids.length ? 'all' : count > 0 ? 'some' : 'none';
  const toggleLoaded = () => change(loaded === 'all' ? new Set() : new Set([...chosen, ...ids]));
  return { has, toggle, toggleLoaded, loaded };
}
