import type { Signal } from '@preact/signals';
import type { Start } from '../../actions';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import { TextField } from '../../components';
import { t } from '../../i18n';
import { fieldError } from '../action_error';
import { DryRunView } from '../dry_run_view';
import { Matching } from '../matching';
import { RecipientsField } from '../recipients_field';
import type { Section } from '../section_field';
import { SectionField } from '../section_field';
import { SendProblems } from '../send_footer';
import type { Sending } from '../sending';
import { Preview } from './preview';

export type InviteForm = { section: Section; note: string };

type InviteFormProps = {
  start: Start;
  recipients: Signal<PickedRecipient[]>;
  typed: Signal<string>;
  form: Signal<InviteForm>;
  sending: Sending;
  onLeave: () => void;
};

const NOTE_LENGTH = 1_000;

export function InviteFields({ start, recipients, typed, form, sending, onLeave }: InviteFormProps) {
  const { section, note } = form.value;
  const change = (changed: Partial<InviteForm>) => {
    form.value = { ...form.peek(), ...changed };
  };
  const noteError = fieldError(sending.error, 'note');
  const recipientsError = fieldError(sending.error, 'emails', 'contactIds');
  return (
    <>
      {start.filter
        ? <Matching filter={start.filter} />
        : <RecipientsField label={t.actions.contacts} allowNew value={recipients} typed={typed} error={recipientsError} />}
      <DryRunView dryRun={sending.dryRun} will={t.actions.invite.will} filtered={start.filter !== undefined} />
      <SectionField value={section} hint={t.actions.sectionHint} onChange={(value) => change({ section: value })} />
      <TextField label={t.actions.invite.note} optional multiline={3} maxLength={NOTE_LENGTH} value={note} hint={t.actions.invite.noteHint}
        error={noteError} onInput={(value) => change({ note: value })} />
      <Preview section={section} note={note} />
      <SendProblems sending={sending} hidden={Boolean(noteError ?? recipientsError)} onLeave={onLeave} />
    </>
  );
}
