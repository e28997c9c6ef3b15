import type { Signal } from '@preact/signals';
import type { Start } from '../../actions';
import type { PickedRecipient } from '../../components/contact_picker/picked';
import { TextField } from '../../components';
import { ItemPicker } from '../../components/content/item_picker';
import { STATUSES } from '../../components/content/status';
import { t } from '../../i18n';
import { fieldError } from '../action_error';
import { DryRunView } from '../dry_run_view';
import { Matching } from '../matching';
import { RecipientsField } from '../recipients_field';
import { SendProblems } from '../send_footer';
import type { Sending } from '../sending';
import type { Kind } from './kinds';

/** Times as the fields have them, in the account's time zone. */
export type AccessForm = { add: string[]; remove: string[]; startsAt: string; endsAt: string };

type AccessFieldsProps = {
  kind: Kind;
  start: Start;
  recipients: Signal<PickedRecipient[]>;
  typed: Signal<string>;
  form: Signal<AccessForm>;
  zone: string | undefined;
  sending: Sending;
  onLeave: () => void;
};

/** More contacts become a bulk job. */
const MOST_AT_ONCE = 100;

export function AccessFields(props: AccessFieldsProps) {
  const { kind, start, recipients, typed, sending, onLeave } = props;
  const { error, dryRun } = sending;
  const whoError = fieldError(error, 'selection', 'contactId');
  const shown = Boolean(whoError ?? fieldError(error, 'add', 'remove', 'offerId', 'startsAt', 'endsAt'));
  return (
    <>
      <p class="hint">{t.access.dialog[kind.action].explain}</p>
      {start.filter
        ? <Matching filter={start.filter} />
        : <RecipientsField label={t.actions.contacts} allowNew={false} value={recipients} typed={typed} error={whoError} />}
      <ItemFields {...props} />
      <DryRunView dryRun={dryRun} will={t.access.will} filtered={start.filter !== undefined} none={t.access.nothing} />
      {(dryRun.outcome?.count ?? 0) > MOST_AT_ONCE && <p class="hint">{t.access.background}</p>}
      <SendProblems sending={sending} hidden={shown} onLeave={onLeave} />
    </>
  );
}

function ItemFields({ kind, form, zone, sending: { error } }: AccessFieldsProps) {
  const { add, remove, startsAt, endsAt } = form.value;
  const change = (changed: Partial<AccessForm>) => {
    form.value = { ...form.peek(), ...changed };
  };
  const words = t.access.dialog[kind.action];
  const single = kind.item === 'offer';
  return (
    <>
      {kind.adds && (
        <ItemPicker kind={kind.item} label={words.add} single={single} statuses={kind.adds} value={add} without={remove}
          optional={kind.removes} error={fieldError(error, 'add', 'offerId')} onChange={(ids) => change({ add: ids })} />
      )}
      {kind.adds && (add.length > 0 || !kind.removes) && (
        <fieldset class="access-dates">
          <legend class="unseen">{t.access.dates}</legend>
          <div class="pair">
            <TextField type="datetime-local" label={t.access.starts} optional value={startsAt} hint={t.access.startsHint} error={fieldError(error, 'startsAt')}
              onInput={(value) => change({ startsAt: value })} />
            <TextField type="datetime-local" label={t.access.ends} optional value={endsAt} error={fieldError(error, 'endsAt')}
              hint={single ? t.access.offerEndsHint : t.access.endsHint} onInput={(value) => change({ endsAt: value })} />
          </div>
          <p class="hint">{zone && t.access.zone(zone)} {t.access.repeated}</p>
        </fieldset>
      )}
      {kind.removes && (
        <ItemPicker kind={kind.item} label={words.remove} single={single} statuses={STATUSES} value={remove} without={add}
          optional={kind.adds !== undefined} error={fieldError(error, 'remove', kind.adds ? 'remove' : 'offerId')} onChange={(ids) => change({ remove: ids })} />
      )}
    </>
  );
}
