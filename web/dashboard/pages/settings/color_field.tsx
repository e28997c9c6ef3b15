import { useState } from 'preact/hooks';
import { Field } from '../../components';
import { t } from '../../i18n';
import { parseColor } from './accent';

type ColorFieldProps = {
  label: string;
  pick: string;
  hint: string;
  value: string;
  /** The color of the picker while nothing or no color is typed. */
  fallback: string;
  optional?: boolean;
  error: string | undefined;
  onInput: (typed: string) => void;
};

/** A color by a picker or as `#rrggbb`. */
export function ColorField({ label, pick, hint, value, fallback, optional, error, onInput }: ColorFieldProps) {
  const [left, setLeft] = useState(false);
  const color = parseColor(value);
  const wrong = color || (optional && !value) ? undefined : t.settings.colorFormat;
  return (
    <Field label={label} hint={hint} optional={optional} error={error ?? (left ? wrong : undefined)}>
      {(props) => (
        <div class="settings-color">
          <input {...{ type: 'color' } as object} aria-label={pick} value={color ?? fallback} onInput={(event) => onInput(event.currentTarget.value)} />
          <input {...props} value={value} maxLength={9} spellcheck={false} autocomplete="off" onBlur={() => setLeft(true)}
            onInput={(event) => onInput(event.currentTarget.value)} />
        </div>
      )}
    </Field>
  );
}
