// Ctrl or ⌘ K: finds contacts, pages and actions.
import { signal } from '@preact/signals';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { ACTIONS } from '../actions';
import { may, useContactSearch } from '../api';
import type { IconName } from '../components';
import { Icon } from '../components';
import { t } from '../i18n';
import { PAGES } from '../pages';
import { link, navigate } from '../router';

const MOST_CONTACTS = 6;

const isOpen = signal(false);

export const openPalette = (): void => {
  isOpen.value = true;
};

type Entry = { id: string; label: string; hint?: string | null; icon: IconName; run: () => void };

const matches = (label: string, words: string): boolean =>
  words.toLowerCase().split(/\s+/).every((word) => label.toLowerCase().includes(word));

function fixedEntries(): Entry[] {
  const actions = ACTIONS.filter(({ needs }) => may(needs)).map(({ id, label, icon, run }) => ({ id, label: label(), icon, run }));
  const pages = PAGES.flatMap(({ path, nav }) =>
    nav && (!nav.needs || may(nav.needs))
      ? [{ id: `page-${path}`, label: nav.label(), icon: nav.icon, run: () => navigate(link(path)) }]
      : []);
  return [...actions, ...pages];
}

function useEntries(typed: string): Entry[] {
  const contacts = (useContactSearch(typed) ?? []).slice(0, MOST_CONTACTS);
  return [
    ...contacts.map(({ id, name, email }) => ({
      id, label: name ?? email ?? id, hint: name ? email : null, icon: 'user' as const, run: () => navigate(link(`contacts/${id}`)),
    })),
    ...fixedEntries().filter(({ label }) => matches(label, typed)),
  ];
}

function PaletteBody({ close }: { close: () => void }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const id = useId();
  const entries = useEntries(typed);
  const current = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && entries.length) setAt((current + step + entries.length) % entries.length);
    else if (event.key === 'Enter') run(entries[current]);
    else return;
    event.preventDefault();
  };
  useEffect(() => document.getElementById(`${id}-${current}`)?.scrollIntoView({ block: 'nearest' }), [current]);
  return (
    <>
      <div class="palette-field">
        <Icon name="search" />
        <input autofocus role="combobox" aria-label={t.shell.palette} aria-expanded="true" aria-controls={`${id}-list`} autocomplete="off"
          aria-activedescendant={entries.length ? `${id}-${current}` : undefined} placeholder={t.shell.paletteHint} value={typed}
          onInput={(event) => { setTyped(event.currentTarget.value); setAt(0); }} onKeyDown={onKeyDown} />
      </div>
      <ul class="palette-list" id={`${id}-list`} role="listbox" aria-label={t.shell.palette}>
        {entries.map((entry, index) => (
          <li key={entry.id} id={`${id}-${index}`} role="option" aria-selected={index === current} onClick={() => run(entry)}
            onPointerMove={() => setAt(index)}>
            <Icon name={entry.icon} /><span>{entry.label}</span>{entry.hint && <span class="hint">{entry.hint}</span>}
          </li>
        ))}
      </ul>
      <p class="palette-empty hint" role="status">{entries.length ? '' : t.shell.paletteEmpty}</p>
    </>
  );
}

export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = isOpen.value;
  const close = () => {
    isOpen.value = false;
  };
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog class="palette" ref={dialog} aria-label={t.shell.palette} onClose={close}
      onClick={(event) => event.target === event.currentTarget && close()}>
      {open && <PaletteBody close={close} />}
    </dialog>
  );
}
