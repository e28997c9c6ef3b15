import type { Signal } from '@preact/signals';
import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import { t } from '../../i18n';
import { Banner } from '../feedback';
import { Button } from '../button';
import { useChecks } from './check';
import { Chips } from './chips';
import { DropZone } from './files';
import { PickerInput } from './input';
import type { PickedRecipient } from './picked';
import { add, newKey, parseAll, parseEach, remove } from './picked';
import type { Suggestion } from './suggest';
import { useSuggestions } from './suggest';
import { Summary } from './summary';

const MAX_CHIPS = 200;

type ContactPickerProps = {
  value: Signal<PickedRecipient[]>;
  /** Addresses that aren't contacts can be picked. */
  allowNew: boolean;
  label: string;
  /** What is typed and no recipient yet, for a form that keeps it. */
  typed?: Signal<string>;
  /** Set to the number of recipients that are checked, so that a form can wait for the rest. */
  checkedCount?: Signal<number>;
};

export function ContactPicker({ value, allowNew, label, typed: kept, checkedCount }: ContactPickerProps) {
  const own = useSignal('');
  const typed = kept ?? own;
  const [showInvalid, setShowInvalid] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const list = value.value;
  const checks = useChecks(value);
  const items = useSuggestions(typed.value, list, allowNew);
  useSignalEffect(() => {
    if (checkedCount) checkedCount.value = value.value.filter(({ state }) => state !== 'CHECKING').length;
  });

  // The input owns its text.
  useSignalEffect(() => {
    if (input.current && input.current.value !== typed.value) input.current.value = typed.value;
  });
  const write = (text: string) => {
    typed.value = text;
  };
  const current = () => input.current?.value.trim() ?? '';
  const append = (more: PickedRecipient[]) => (value.value = add(value.peek(), more));
  const drop = (gone: readonly PickedRecipient[]) => (value.value = remove(value.peek(), new Set(gone.map(({ key }) => key))));
  const commit = (text: string) => {
    // A pasted list leaves alone what is being typed.
    if (text.trim() === current()) write('');
    append(parseAll(text));
  };
  const choose = ({ email, name, contactId }: Suggestion) => {
    write('');
    append([{ key: newKey(), email, state: 'CHECKING', ...(name && { name }), ...(contactId && { contactId }) }]);
  };
  const edit = (recipient: PickedRecipient) => {
    if (current()) append(parseAll(current()));
    drop([recipient]);
    write(recipient.email);
    input.current?.focus();
  };
  const back = (key: 'Backspace' | 'ArrowLeft') => {
    const last = value.peek()[list.length - 1];
    if (key === 'Backspace' && last) drop([last]);
    else root.current?.querySelector<HTMLElement>('.chip:last-child')?.focus();
  };

  const collapsed = list.length > MAX_CHIPS;
  const invalid = list.filter(({ state }) => state === 'INVALID');
  const chips = collapsed ? (showInvalid ? invalid.slice(0, MAX_CHIPS) : []) : list;
  return (
    <div class="picker" ref={root} role="group" aria-label={label}>
      <span class="picker-label" aria-hidden="true">{label}</span>
      <DropZone onTexts={(texts) => append(parseEach(texts))}>
        <div class="picker-box" onClick={(event) => {
          if (event.target === event.currentTarget) input.current?.focus();
        }}>
          {chips.length > 0 && (
            <Chips recipients={chips} allowNew={allowNew} onRemove={(one) => drop([one])} onEdit={edit} onLeave={() => input.current?.focus()} />
          )}
          <PickerInput label={label} typed={typed.value} onType={write} items={items} onChoose={choose} onCommit={commit}
            onBack={back} inputRef={input} />
        </div>
      </DropZone>
      <Summary recipients={list} allowNew={allowNew} collapsed={collapsed} showInvalid={showInvalid} onShowInvalid={setShowInvalid}
        onRemoveInvalid={() => drop(invalid)} onClear={() => (value.value = [])} />
      {checks.failed && (
        <Banner tone="warn" action={<Button kind="quiet" size="small" onClick={checks.retry}>{t.components.tryAgain}</Button>}>
          {t.components.picker.notChecked}
        </Banner>
      )}
    </div>
  );
}
