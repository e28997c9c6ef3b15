import type { Signal } from '@preact/signals';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import { CheckField, SelectField, SwitchField, TextField, Time } from '../../components';
import { t } from '../../i18n';
import { ActionError, fieldError } from '../action_error';
import type { Section } from '../section_field';
import { SectionField } from '../section_field';
import { ContactField, mailable } from './contact_field';
import type { Earlier } from './earlier';
import { lifetimes, minutesOf, OTHER } from './lifetime';

export type LinkForm = {
  section: Section;
  lifetime: string;
  minutes: string;
  /** null: as the account's setting says. */
  limit: boolean | null;
  replace: boolean;
  email: boolean;
};

type LinkFieldsProps = {
  picked: Signal<PickedRecipient[]>;
  typed: Signal<string>;
  form: Signal<LinkForm>;
  earlier: Earlier;
  limitByDefault: boolean;
  error: unknown;
  /** The form was submitted: missing input is shown. */
  tried: boolean;
};

export function LinkFields({ picked, typed, form, earlier, limitByDefault, error, tried }: LinkFieldsProps) {
  const { section, limit, replace, email } = form.value;
  const change = (changed: Partial<LinkForm>) => {
    form.value = { ...form.peek(), ...changed };
  };
  const contact = picked.value[0];
  const contactError = fieldError(error, 'contactId', 'email') ?? (tried && !contact ? t.actions.magic.chooseFirst : undefined);
  const shown = Boolean(fieldError(error, 'contactId', 'email', 'expiresInMinutes'));
  return (
    <>
      <p class="hint">{t.actions.magic.explain}</p>
      <ContactField picked={picked} typed={typed} error={contactError} />
      <SectionField value={section} onChange={(value) => change({ section: value })} />
      {section !== 'HOME' && (
        <SwitchField label={t.actions.magic.limit} hint={t.actions.magic.limitHint} checked={limit ?? limitByDefault}
          onChange={(value) => change({ limit: value })} />
      )}
      <LifetimeField form={form} error={fieldError(error, 'expiresInMinutes')} tried={tried} onChange={change} />
      {earlier.newest && (
        <CheckField label={t.actions.magic.replace} checked={replace} onChange={(value) => change({ replace: value })} hint={
          <>{t.links.created} <Time at={earlier.newest.createdAt} />. {t.actions.magic.replaceHint} {earlier.others > 0 && t.actions.magic.others(earlier.others)}</>
        } />
      )}
      {mailable(contact) && (
        <CheckField label={t.actions.magic.email} hint={t.actions.magic.emailHint(contact.email)} checked={email} onChange={(value) => change({ email: value })} />
      )}
      {!shown && <ActionError error={error} />}
    </>
  );
}

type LifetimeFieldProps = { form: Signal<LinkForm>; error: string | undefined; tried: boolean; onChange: (changed: Partial<LinkForm>) => void };

function LifetimeField({ form, error, tried, onChange }: LifetimeFieldProps) {
  const { lifetime, minutes } = form.value;
  const wrong = tried && minutesOf(lifetime, minutes) === undefined ? t.actions.magic.minutesWrong : undefined;
  return (
    <>
      <SelectField label={t.actions.magic.lifetime} value={lifetime} options={lifetimes()} onChange={(value) => onChange({ lifetime: value })}
        error={lifetime === OTHER ? undefined : error} />
      {lifetime === OTHER && (
        <TextField label={t.actions.magic.minutes} type="number" value={minutes} hint={t.actions.magic.minutesHint} error={wrong ?? error}
          onInput={(value) => onChange({ minutes: value })} />
      )}
    </>
  );
}
