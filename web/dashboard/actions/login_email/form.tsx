import type { Signal } from '@preact/signals';
import type { Start } from '../../actions';
import { counts } from '../../api';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import { RadioGroup } from '../../components';
import { t } from '../../i18n';
import { fieldError } from '../action_error';
import { DryRunView } from '../dry_run_view';
import { Matching } from '../matching';
import { RecipientsField } from '../recipients_field';
import type { Section } from '../section_field';
import { SectionField } from '../section_field';
import { SendProblems } from '../send_footer';
import type { Sending } from '../sending';

export type Audience = 'CHOSEN' | 'EVERYONE';

export type LoginForm = { section: Section; audience: Audience };

type LoginFieldsProps = {
  start: Start;
  recipients: Signal<PickedRecipient[]>;
  typed: Signal<string>;
  form: Signal<LoginForm>;
  sending: Sending;
  onLeave: () => void;
};

export function LoginFields({ start, recipients, typed, form, sending, onLeave }: LoginFieldsProps) {
  const { section, audience } = form.value;
  const change = (changed: Partial<LoginForm>) => {
    form.value = { ...form.peek(), ...changed };
  };
  const recipientsError = fieldError(sending.error, 'emails', 'contactIds');
  return (
    <>
      <p class="hint">{t.actions.login.explain}</p>
      {start.filter
        ? <Matching filter={start.filter} />
        : <WhoField audience={audience} onChange={(value) => change({ audience: value })} />}
      {!start.filter && audience === 'CHOSEN' && (
        <RecipientsField label={t.actions.contacts} allowNew={false} value={recipients} typed={typed} error={recipientsError} />
      )}
      <DryRunView dryRun={sending.dryRun} will={t.actions.login.will} filtered={start.filter !== undefined || audience === 'EVERYONE'} />
      <SectionField value={section} hint={t.actions.sectionHint} onChange={(value) => change({ section: value })} />
      <SendProblems sending={sending} hidden={Boolean(recipientsError)} onLeave={onLeave} />
    </>
  );
}

const WhoField = ({ audience, onChange }: { audience: Audience; onChange: (audience: Audience) => void }) => (
  <RadioGroup label={t.actions.login.audience} value={audience} onChange={onChange} options={[
    { value: 'CHOSEN', label: t.actions.login.chosen },
    {
      value: 'EVERYONE', label: t.actions.login.everyone,
      ...(counts.value && { hint: t.actions.login.everyoneCount(counts.value.active) }),
    },
  ]} />
);
