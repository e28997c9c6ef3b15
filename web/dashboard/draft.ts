// Half-filled forms survive a reload and the end of a session: their values are kept in the tab until they are sent.
import type { Signal } from '@preact/signals';
import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { readTab, tabKey } from './api';

const storageKey = (name: string) => tabKey(`draft.${name}`);

function store(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(storageKey(name), JSON.stringify(value));
  } catch {
    // The storage is full or blocked: the form still works, but a reload empties it.
  }
}

export function forgetDraft(name: string): void {
  sessionStorage.removeItem(storageKey(name));
}

/** A signal that is restored from the draft `name`, and kept there on each change. Never for secrets. */
export function draftSignal<Value>(name: string, initial: Value): Signal<Value> {
  const value = signal<Value>((readTab(storageKey(name)) as Value | null) ?? initial);
  let first = true;
  value.subscribe((now) => {
    if (!first) store(name, now);
    first = false;
  });
  return value;
}

export function useDraft<Value>(name: string, initial: Value): Signal<Value> {
  return useMemo(() => draftSignal(name, initial), [name]);
}
