import type { ComponentChildren, VNode } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../i18n';
import { Marked } from './marked';

export type ControlProps = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean };

export type FieldLook = { label: string; hint?: ComponentChildren; error?: string; optional?: boolean };

export function Field({ label, hint, error, optional, children }: FieldLook & { children: (props: ControlProps) => VNode }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="field-optional"> ({t.components.optional})</span>}
      </label>
      {children({ id, ...(described && { 'aria-describedby': described }), ...(error && { 'aria-invalid': true }) })}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="error" id={`${id}-error`} role="alert"><Marked text={error} /></p>}
    </div>
  );
}

type TextFieldProps = FieldLook & {
  value: string;
  onInput: (value: string) => void;
  type?: 'text' | 'email' | 'url' | 'tel' | 'number' | 'date' | 'datetime-local' | 'password' | 'time';
  maxLength?: number;
  autofocus?: boolean;
  autocomplete?: string;
  placeholder?: string;
  disabled?: boolean;
  /** The number of rows of a text area. */
  multiline?: number;
};

export function TextField({ label, hint, error, optional, value, onInput, multiline, type = 'text', ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(props) => multiline
        ? <textarea {...props} {...(rest)} rows={multiline} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
        : <input {...props} {...(rest)} {...{ type } as object} value={value} onInput={(event) => onInput(event.currentTarget.value)} />}
    </Field>
  );
}

type SelectFieldProps<Value extends string> = FieldLook & {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: string }[];
  disabled?: boolean;
};

export function SelectField<Value extends string>({ label, hint, error, optional, value, onChange, options, disabled }: SelectFieldProps<Value>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional}>
      {(props) => (
        <select {...props} disabled={disabled} value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
          {options.map((option) => <option key={option.value} value={option.value}>{option.label}</option>)}
        </select>
      )}
    </Field>
  );
}
