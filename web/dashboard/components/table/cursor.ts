import type { RefObject } from 'preact';
import { flushSync } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/hooks';
import { shortcuts } from '../shortcuts';

const EDITABLE = 'input:not([type="checkbox"]), textarea, select, [contenteditable], [role="menu"], [role="dialog"], [role="listbox"], [role="tablist"], [role="combobox"]';
const STEPS: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

type CursorOptions = {
  ids: readonly string[];
  table: RefObject<HTMLElement | null>;
  onToggle?: (id: string, range: boolean) => void;
  onOpen: (id: string) => void;
};

/**
 * Moves a cursor over the rows: j and k, arrows, x or Space to select, Enter to open. Outside the table single letters work only
 * while nothing has the focus and shortcuts are on.
 */
export function useCursor(options: CursorOptions): string | null {
  const [shown, setShown] = useState<string | null>(null);
  // Keys can come faster than renders: the listeners read what is current.
  const latest = useRef({ ...options, cursor: shown });
  latest.current = { ...options, cursor: latest.current.cursor };

  useEffect(() => {
    const move = (id: string) => {
      latest.current.cursor = id;
      setShown(id);
    };
    const press = (event: KeyboardEvent) => {
      const { ids, table, cursor, onToggle, onOpen } = latest.current;
      const target = event.target instanceof Element ? event.target : document.body;
      if (!listens(event, target, table.current)) return;

      const step = STEPS[event.key];
      if (step !== undefined) {
        const at = cursor === null ? -1 : ids.indexOf(cursor);
        const next = ids[Math.max(0, Math.min(ids.length - 1, at + step))];
        if (next === undefined) return;
        event.preventDefault();
        // Its row is in the page only if it is in sight or has the cursor.
        flushSync(() => move(next));
        focusRow(table.current, next);
      } else if (cursor !== null && onToggle && (event.key.toLowerCase() === 'x' || (event.key === ' ' && !target.matches('input, button')))) {
        event.preventDefault();
        onToggle(cursor, event.shiftKey);
      } else if (cursor !== null && event.key === 'Enter' && target.matches('tr')) {
        onOpen(cursor);
      }
    };
    const enter = (event: FocusEvent) => {
      const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-id]') : null;
      if (row?.dataset['id'] && latest.current.table.current?.contains(row)) move(row.dataset['id']);
    };
    addEventListener('keydown', press);
    addEventListener('focusin', enter);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener('focusin', enter);
    };
  }, []);

  return shown;
}

function listens(event: KeyboardEvent, target: Element, table: HTMLElement | null): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || target.closest(EDITABLE)) return false;
  const modal = document.querySelector('dialog:modal');
  if (!table || (modal && !modal.contains(table))) return false;
  if (table.contains(target)) return true;
  const free = shortcuts.value && (target === document.body || target.matches('main, h1'));
  return free && /^[jkx]$/i.test(event.key);
}

function focusRow(table: HTMLElement | null, id: string): void {
  const row = table?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  (row?.querySelector<HTMLElement>('.table-link') ?? row)?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: 'nearest' });
}
