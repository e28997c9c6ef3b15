// The details of a contact as a form has them: for a new contact and for one that is changed.
import { useEffect, useId, useRef } from 'preact/hooks';
import { ApiError } from '../../api';
import { Field, SelectField, TextField } from '../../components';
import { language, t } from '../../i18n';
import { TagsField } from './tags_field';

export type Values = {
  email: string;
  firstName: string;
  lastName: string;
  phone: string;
  tags: string[];
  locale: string;
  timezone: string;
};

export type FieldName = keyof Values;
export type Errors = Partial<Record<FieldName, string>>;

export const EMPTY: Values = { email: '', firstName: '', lastName: '', phone: '', tags: [], locale: '', timezone: '' };
export const FIELD_NAMES = Object.keys(EMPTY) as FieldName[];

const LABELS = {
  email: 'email', firstName: 'firstName', lastName: 'lastName', phone: 'phone', tags: 'tags', locale: 'language', timezone: 'timezone',
} as const;

export const labelOf = (name: FieldName): string => t.contact[LABELS[name]];

/** The input of a mutation: an empty field is null. */
export const inputOf = (values: Values) => ({
  email: values.email.trim() || null,
  firstName: values.firstName.trim() || null,
  lastName: values.lastName.trim() || null,
  phone: values.phone.trim() || null,
  tags: values.tags,
  locale: values.locale || null,
  timezone: values.timezone.trim() || null,
});

/** The error beside its field; null if it is none of a field. */
export function fieldErrors(error: unknown): Errors | null {
  const name = error instanceof ApiError ? FIELD_NAMES.find((field) => field === error.input) : undefined;
  return name && error instanceof ApiError ? { [name]: error.message } : null;
}

/** The languages of the emails and portal pages. */
const LOCALES = ['en', 'es', 'de', 'fr'];

const TIMEZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

export function localeName(tag: string): string {
  try {
    return new Intl.DisplayNames(language, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

function localeOptions(chosen: string) {
  const tags = chosen && !LOCALES.includes(chosen) ? [...LOCALES, chosen] : LOCALES;
  return [{ value: '', label: t.contact.notSet }, ...tags.map((value) => ({ value, label: localeName(value) }))];
}

function TimezoneField({ value, onInput, error }: { value: string; onInput: (value: string) => void; error?: string }) {
  const listId = useId();
  return (
    <Field label={t.contact.timezone} hint={t.contact.timezoneHint} error={error} optional>
      {(props) => (
        <>
          <input {...props} list={listId} value={value} autocomplete="off" onInput={(event) => onInput(event.currentTarget.value)} />
          <datalist id={listId}>{TIMEZONES.map((zone) => <option key={zone} value={zone} />)}</datalist>
        </>
      )}
    </Field>
  );
}

/** Without the error of a field that is being corrected. */
export const without = (errors: Errors, name: FieldName): Errors => (errors[name] ? { ...errors, [name]: undefined } : errors);

type ContactFieldsProps = {
  values: { value: Values };
  errors: Errors;
  onEdit: (name: FieldName) => void;
  suggestions: readonly string[];
  emailHint?: string;
};

export function ContactFields({ values, errors, onEdit, suggestions, emailHint }: ContactFieldsProps) {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  const now = values.value;
  const set = (change: Partial<Values>) => {
    values.value = { ...values.value, ...change };
    for (const name of FIELD_NAMES) if (name in change) onEdit(name);
  };
  return (
    <div class="contact-fields" ref={fields}>
      <TextField label={t.contact.email} type="email" autocomplete="off" value={now.email} error={errors.email} hint={emailHint}
        onInput={(email) => set({ email })} />
      <div class="contact-pair">
        <TextField label={t.contact.firstName} optional autocomplete="off" maxLength={100} value={now.firstName} error={errors.firstName}
          onInput={(firstName) => set({ firstName })} />
        <TextField label={t.contact.lastName} optional autocomplete="off" maxLength={100} value={now.lastName} error={errors.lastName}
          onInput={(lastName) => set({ lastName })} />
      </div>
      <TextField label={t.contact.phone} type="tel" optional autocomplete="off" value={now.phone} error={errors.phone} hint={t.contact.phoneHint}
        onInput={(phone) => set({ phone })} />
      <TagsField label={t.contact.tags} optional value={now.tags} suggestions={suggestions} error={errors.tags} onChange={(tags) => set({ tags })} />
      <div class="contact-pair">
        <SelectField label={t.contact.language} optional value={now.locale} error={errors.locale} options={localeOptions(now.locale)}
          onChange={(locale) => set({ locale })} />
        <TimezoneField value={now.timezone} error={errors.timezone} onInput={(timezone) => set({ timezone })} />
      </div>
    </div>
  );
}
