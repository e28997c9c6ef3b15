import { useId, useState } from 'preact/hooks';
import { Field, Tag } from '../../components';
import { t } from '../../i18n';

type TagsFieldProps = {
  label: string;
  value: readonly string[];
  onChange: (tags: string[]) => void;
  suggestions?: readonly string[];
  hint?: string;
  error?: string;
  optional?: boolean;
};

const SUGGESTED = 100;
const MAX_CHARS = 50;

/** Tags as chips: Enter, a comma or leaving the field adds what was typed; Backspace removes the last one. */
export function TagsField({ label, value, onChange, suggestions = [], hint, error, optional }: TagsFieldProps) {
  const listId = useId();
  const [typed, setTyped] = useState('');
  const add = (text: string) => {
    const tags = text.split(/[,;\n]/).map((tag) => tag.trim()).filter(Boolean);
    if (tags.length) onChange([...new Set([...value, ...tags])]);
    setTyped('');
  };
  const onInput = (text: string) => {
    // A chosen suggestion arrives as one input: it is complete.
    const chosen = suggestions.includes(text) && text.length > typed.length + 1;
    if (chosen || /[,;\n]/.test(text)) add(text);
    else setTyped(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      // A suggestion that was just chosen leaves the field empty: Enter must not send the form then.
      event.preventDefault();
      add(typed);
    } else if (event.key === 'Backspace' && !typed && value.length) {
      onChange(value.slice(0, -1));
    }
  };
  return (
    <Field label={label} hint={hint ?? t.contact.tagsHint} error={error} optional={optional}>
      {(props) => (
        <div class="tags-field">
          {value.map((tag) => <Tag key={tag} onRemove={() => onChange(value.filter((other) => other !== tag))}>{tag}</Tag>)}
          <input {...props} list={listId} value={typed} maxLength={MAX_CHARS} autocomplete="off"
            onInput={(event) => onInput(event.currentTarget.value)} onKeyDown={onKeyDown} onBlur={() => add(typed)} />
          <datalist id={listId}>
            {suggestions.filter((tag) => !value.includes(tag)).slice(0, SUGGESTED).map((tag) => <option key={tag} value={tag} />)}
          </datalist>
          <span class="unseen" role="status">{value.length ? t.contact.tagList(value.join(', ')) : ''}</span>
        </div>
      )}
    </Field>
  );
}
