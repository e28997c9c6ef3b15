import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from './icon';
import { IconButton } from './button';
import { shortcuts } from './shortcuts';
import { t } from '../i18n';

type SearchFieldProps = { value: string; onInput: (value: string) => void; label: string; placeholder?: string };

const DEBOUNCE_MS = 100;

export function SearchField({ value, onInput, label, placeholder }: SearchFieldProps) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const change = (next: string, wait = DEBOUNCE_MS) => {
    setTyped(next);
    clearTimeout(timer.current);
    if (wait) timer.current = setTimeout(() => onInput(next), wait);
    else onInput(next);
  };
  return (
    <div class="search" role="search" aria-label={label}>
      <label class="unseen" for={id}>{label}</label>
      <Icon name="search" />
      <input id={id} ref={input} type="search" data-search value={typed} placeholder={placeholder ?? label} autocomplete="off"
        aria-keyshortcuts={shortcuts.value ? '/' : undefined}
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !typed) return;
          event.preventDefault();
          event.stopPropagation();
          change('', 0);
        }} />
      {typed && <IconButton icon="close" label={t.components.clear} onClick={() => {
        change('', 0);
        input.current?.focus();
      }} />}
    </div>
  );
}
