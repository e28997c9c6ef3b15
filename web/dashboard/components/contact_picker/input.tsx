import * as combobox from '@zag-js/combobox';
import { mergeProps, normalizeProps } from '@zag-js/preact';
import type { RefObject } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../../i18n';
import { Avatar } from '../labels';
import { Icon } from '../icon';
import { useTopLayer } from '../place';
import { useZag } from '../zag/use_zag';
import { wellFormed } from './picked';
import { recipients } from './recipients';
import type { Suggestion } from './suggest';

type PickerInputProps = {
  label: string;
  typed: string;
  onType: (typed: string) => void;
  items: Suggestion[];
  onChoose: (suggestion: Suggestion) => void;
  /** What is typed becomes recipients. */
  onCommit: (text: string) => void;
  /** Backspace or the left arrow in the empty input. */
  onBack: (key: 'Backspace' | 'ArrowLeft') => void;
  inputRef: RefObject<HTMLInputElement | null>;
};

// The machine writes its value into the input after the next frame, over what was typed since. The input owns its text here.
const machine = {
  ...combobox.machine,
  implementations: {
    ...combobox.machine.implementations,
    actions: { ...combobox.machine.implementations?.actions, syncInputValue: () => undefined },
  },
};

const quoteOpen = (text: string) => (text.split('"').length - 1) % 2 === 1;

export function PickerInput({ label, typed, onType, items, onChoose, onCommit, onBack, inputRef }: PickerInputProps) {
  const words = t.components.picker;
  const choose = (value: string | null) => {
    const suggestion = items.find((item) => item.value === value);
    if (suggestion) onChoose(suggestion);
    return Boolean(suggestion);
  };
  const props: combobox.Props<Suggestion> = {
    id: useId(),
    collection: combobox.collection({ items, itemToValue: ({ value }) => value, itemToString: ({ name, email }) => name ?? email }),
    value: [],
    inputValue: typed,
    allowCustomValue: true,
    inputBehavior: 'autohighlight',
    selectionBehavior: 'clear',
    positioning: { placement: 'bottom-start', strategy: 'fixed', sameWidth: true, gutter: 6 },
    onSelect: ({ itemValue }) => void choose(itemValue),
  };
  const api = combobox.connect(useZag<combobox.Service<Suggestion>>(machine, props), normalizeProps);
  const open = api.open && items.length > 0;
  const layer = useTopLayer(open);

  const press = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const value = (event.currentTarget as HTMLInputElement).value;
    const text = value.trim();
    const separator = (event.key === ',' || event.key === ';') && !quoteOpen(value);
    if (!value && (event.key === 'Backspace' || event.key === 'ArrowLeft')) onBack(event.key);
    if (!text) {
      if (separator) event.preventDefault();
      return;
    }
    if (event.key === 'Tab') {
      if (wellFormed(text)) onCommit(text);
      else if (open) choose(api.highlightedValue);
    } else if (separator || (event.key === 'Enter' && !(open && api.highlightedValue))) {
      event.preventDefault();
      event.stopPropagation();
      onCommit(text);
    }
  };
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (recipients(text).length < 2) return;
    event.preventDefault();
    onCommit(text);
  };
  const own = {
    ref: inputRef,
    onKeyDown: press,
    onPaste: paste,
    onInput: (event: InputEvent) => onType((event.currentTarget as HTMLInputElement).value),
    onfocusout: (event: FocusEvent) => {
      const text = (event.currentTarget as HTMLInputElement).value.trim();
      if (wellFormed(text)) onCommit(text);
    },
  };
  const field: object = { ...mergeProps(own as object, api.getInputProps() as object), defaultValue: undefined };
  return (
    <div {...api.getRootProps()} class="picker-input">
      <label {...api.getLabelProps()} class="unseen">{label}</label>
      <div {...api.getControlProps()} class="picker-control">
        <input {...field} class="picker-field" placeholder={words.placeholder}
          autocapitalize="off" spellcheck={false} inputMode="email" />
      </div>
      <div {...api.getPositionerProps()} class="layer" popover="manual" ref={layer}>
        <ul {...(api.getContentProps())} class="menu picker-options">
          {items.map((item) => (
            <li {...(api.getItemProps({ item }) as object)} key={item.value} class="menu-item">
              {item.contactId ? <Avatar name={item.name ?? item.email} /> : <Icon name="invite" />}
              <span>
                {item.contactId ? (item.name ?? item.email) : words.inviteNew(item.email)}
                {item.contactId && item.name && <small class="menu-reason">{item.email}</small>}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
