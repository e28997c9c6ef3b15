import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

type CheckFieldProps = {
  label: ComponentChildren;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: ComponentChildren;
  disabled?: boolean;
};

const Check = ({ label, checked, onChange, hint, disabled, role }: CheckFieldProps & { role?: 'switch' }) => {
  const id = useId();
  return (
    <div class="choice">
      <input id={id} type="checkbox" role={role} class={role} checked={checked} disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChange(event.currentTarget.checked)} />
      <label for={id}>{label}</label>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
    </div>
  );
};

export const CheckField = (props: CheckFieldProps) => <Check {...props} />;

export const SwitchField = (props: CheckFieldProps) => <Check {...props} role="switch" />;

type RadioGroupProps<Value extends string> = {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  options: readonly { value: Value; label: string; hint?: string; disabled?: boolean }[];
};

export function RadioGroup<Value extends string>({ label, value, onChange, options }: RadioGroupProps<Value>) {
  const name = useId();
  return (
    <fieldset class="radio-group">
      <legend>{label}</legend>
      {options.map((option) => {
        const id = `${name}-${option.value}`;
        return (
          <div class="choice" key={option.value}>
            <input id={id} type="radio" name={name} checked={option.value === value} disabled={option.disabled}
              aria-describedby={option.hint ? `${id}-hint` : undefined} onChange={() => onChange(option.value)} />
            <label for={id}>{option.label}</label>
            {option.hint && <p class="hint" id={`${id}-hint`}>{option.hint}</p>}
          </div>
        );
      })}
    </fieldset>
  );
}
