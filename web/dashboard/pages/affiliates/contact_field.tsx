import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { useContactSearch } from '../../api';
import { Field } from '../../components';
import { t } from '../../i18n';

export type Found = { id: string; name: string | null; email: string | null };

type ContactFieldProps = {
  error: string | undefined;
  onChoose: (contact: Found) => void;
  label?: string;
  hint?: string;
  /** A contact that can't be chosen. */
  without?: string;
};

const MOST = 6;

/** Finds one contact by name or address: arrows move through the suggestions, Enter chooses one. */
export function ContactField({ error, onChoose, label = t.affiliates.contact, hint = t.affiliates.contactHint, without }: ContactFieldProps) {
  const list = useId();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const answer = useContactSearch(typed)?.filter(({ id }) => id !== without).slice(0, MOST);
  const found = answer ?? [];
  const input = useRef<HTMLInputElement>(null);
  // It also comes back when another contact is to be chosen.
  useEffect(() => input.current?.focus(), []);
  const current = Math.min(at, found.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = found[current];
    if (step && found.length) setAt((current + step + found.length) % found.length);
    else if (event.key === 'Enter' && chosen) onChoose(chosen);
    else return;
    event.preventDefault();
  };
  return (
    <div class="affiliates-contact">
      <Field label={label} hint={hint} error={error}>
        {(props) => (
          <input {...props} ref={input} type="text" role="combobox" aria-autocomplete="list" aria-expanded={found.length > 0} aria-controls={list} autocomplete="off"
            aria-activedescendant={found.length ? `${list}-${current}` : undefined} value={typed} onKeyDown={onKeyDown}
            onInput={(event) => { setTyped(event.currentTarget.value); setAt(0); }} />
        )}
      </Field>
      <ul id={list} role="listbox" aria-label={t.affiliates.suggestions} hidden={found.length === 0}>
        {found.map((contact, index) => (
          <li key={contact.id} id={`${list}-${index}`} role="option" aria-selected={index === current} onClick={() => onChoose(contact)} onPointerMove={() => setAt(index)}>
            <bdi>{contact.name ?? contact.email}</bdi>
            {contact.name && contact.email && <span class="hint"><bdi>{contact.email}</bdi></span>}
          </li>
        ))}
      </ul>
      <p class="hint" role="status">{answer?.length === 0 ? t.affiliates.noContact : ''}</p>
    </div>
  );
}
