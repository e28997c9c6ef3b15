// Picks courses, communities or an offer by their titles.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import type { ControlProps } from '../field';
import { Field } from '../field';
import { ErrorNotice } from '../feedback';
import { IconButton } from '../button';
import type { ContentStatus, Item, ItemKind } from './items';
import { useChosen, useItems } from './items';
import { Options } from './options';

const SHOWN = 50;

type ItemPickerProps = {
  kind: ItemKind;
  label: string;
  value: readonly string[];
  /** `added` is the item that was picked just now. */
  onChange: (ids: string[], added?: Item) => void;
  /** A second choice replaces the first. */
  single?: boolean;
  /** Which can be picked. Each render the same. */
  statuses: readonly ContentStatus[];
  /** Those that can't be picked, such as what is there already. */
  without?: readonly string[];
  hint?: string;
  error?: string | undefined;
  optional?: boolean;
};

const matches = ({ title }: Item, typed: string): boolean =>
  typed.toLowerCase().split(/\s+/).every((word) => title.toLowerCase().includes(word));

export function ItemPicker(props: ItemPickerProps) {
  const { kind, label, value, onChange, single, statuses, without = [], hint, error, optional } = props;
  const { items, error: failure, retry } = useItems(kind, statuses);
  const chosen = useChosen(value, items);
  const input = useRef<HTMLInputElement>(null);
  const options = (items ?? []).filter(({ id }) => !value.includes(id) && !without.includes(id));
  const choose = (item: Item) => onChange(single ? [item.id] : [...value, item.id], item);
  const remove = (id: string) => {
    onChange(value.filter((other) => other !== id));
    input.current?.focus();
  };
  return (
    <div class="item-picker">
      <Field label={label} hint={hint} error={error} optional={optional}>
        {(control) => (
          <div class="picker-box" onClick={(event) => event.target === event.currentTarget && input.current?.focus()}>
            {chosen.length > 0 && (
              <ul class="chips" aria-label={t.access.chosen(label)}>
                {chosen.map((item) => <Chip key={item.id} item={item} onRemove={() => remove(item.id)} />)}
              </ul>
            )}
            <Combobox control={control} kind={kind} label={label} loaded={items !== undefined} options={options} inputRef={input} onChoose={choose}
              onBack={() => onChange(value.slice(0, -1))} />
          </div>
        )}
      </Field>
      {failure !== undefined && <ErrorNotice error={failure} retry={retry} />}
    </div>
  );
}

function Chip({ item, onRemove }: { item: Item | { id: string }; onRemove: () => void }) {
  const title = 'title' in item ? item.title : t.common.loading;
  return (
    <li class="chip">
      <span class="chip-name" title={title}><bdi>{title}</bdi></span>
      {'status' in item && item.status !== 'PUBLISHED' && <span class="chip-state">{t.words.contentStatus[item.status]}</span>}
      <IconButton icon="close" label={t.components.remove(title)} onClick={onRemove} />
    </li>
  );
}

type ComboboxProps = {
  control: ControlProps;
  kind: ItemKind;
  label: string;
  loaded: boolean;
  options: readonly Item[];
  inputRef: { current: HTMLInputElement | null };
  onChoose: (item: Item) => void;
  /** Backspace in the empty input. */
  onBack: () => void;
};

function Combobox({ control, kind, label, loaded, options, inputRef, onChoose, onBack }: ComboboxProps) {
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const found = options.filter((item) => matches(item, typed.trim())).slice(0, SHOWN);
  const current = Math.min(at, found.length - 1);
  const listId = `${control.id}-list`;
  const choose = (item: Item) => {
    onChoose(item);
    setTyped('');
    setOpen(false);
    setAt(0);
  };
  const press = keysOf({ open, typed, found, current, choose, setOpen, setAt, onBack });
  useLayoutEffect(() => document.getElementById(`${listId}-${current}`)?.scrollIntoView({ block: 'nearest' }), [current, open]);
  return (
    <>
      <input {...control} ref={inputRef} class="picker-field item-picker-field" role="combobox" autocomplete="off" spellcheck={false}
        aria-autocomplete="list" aria-expanded={open} aria-controls={listId} placeholder={t.access.search[kind]}
        aria-activedescendant={open && found[current] ? `${listId}-${current}` : undefined} value={typed} onKeyDown={press}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
          setOpen(true);
        }} onClick={() => setOpen(true)} onBlur={() => setOpen(false)} />
      <Options id={listId} label={label} open={open} anchor={inputRef} found={found} current={current} onHover={setAt} onChoose={choose}
        empty={!loaded ? t.common.loading : typed.trim() ? t.access.noneFound : t.access.noneLeft[kind]} />
    </>
  );
}

type Keys = {
  open: boolean;
  typed: string;
  found: readonly Item[];
  current: number;
  choose: (item: Item) => void;
  setOpen: (open: boolean) => void;
  setAt: (at: number) => void;
  onBack: () => void;
};

const keysOf = ({ open, typed, found, current, choose, setOpen, setAt, onBack }: Keys) => (event: KeyboardEvent) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const item = found[current];
  if (step && open && found.length) setAt((current + step + found.length) % found.length);
  else if (step) setOpen(true);
  else if (event.key === 'Enter' && open && item) choose(item);
  else if (event.key === 'Escape' && open) {
    // Not for the dialog.
    event.stopPropagation();
    setOpen(false);
  } else if (event.key === 'Backspace' && !typed) {
    onBack();
    return;
  } else if (!(event.key === 'Enter' && typed)) return;
  event.preventDefault();
};
