// What contacts may open: courses, communities and offers, for the contacts that are picked or all that match a filter.
import { useMemo } from 'preact/hooks';
import type { DialogProps, Start } from '../../actions';
import { momentOf, useZone } from '../../components/content/zone';
import { t } from '../../i18n';
import { draftName, without } from '../recipients';
import { SendDialog, useSendForm } from '../send_dialog';
import type { Target } from '../sending';
import { everyoneOf, useSending } from '../sending';
import type { AccessForm } from './form';
import { AccessFields } from './form';
import type { Kind } from './kinds';
import { KINDS } from './kinds';
import type { Change } from './request';

const NO_ONE: Target = { recipients: [] };

const dialogOf = (kind: Kind) => (props: DialogProps) => <Access key={draftName(kind.action, props.start)} kind={kind} {...props} />;

export const AssignCourses = dialogOf(KINDS.courses);
export const UpdateCommunityAccess = dialogOf(KINDS.communities);
export const GrantOffer = dialogOf(KINDS.grant);
export const RevokeOffer = dialogOf(KINDS.revoke);

function emptyForm(kind: Kind, start: Start): AccessForm {
  const id = kind.from(start);
  const ids = id ? [id] : [];
  return { add: kind.adds ? ids : [], remove: kind.adds ? [] : ids, startsAt: '', endsAt: '' };
}

/** What the form asks for; null while a time is only half typed or the zone isn't known. */
function changeOf({ add, remove, startsAt, endsAt }: AccessForm, zone: string | undefined): Change | null {
  const change: Change = { add, remove };
  for (const [name, wall] of [['startsAt', startsAt], ['endsAt', endsAt]] as const) {
    if (!wall || add.length === 0) continue;
    const moment = zone ? momentOf(wall, zone) : null;
    if (!moment) return null;
    change[name] = moment;
  }
  return change;
}

function Access({ kind, start, onClose }: DialogProps & { kind: Kind }) {
  const zone = useZone();
  const state = useSendForm<AccessForm>(kind.action, start, emptyForm(kind, start));
  const { recipients, typed, form } = state;
  const picked = recipients.value;
  const everyone = useMemo(() => everyoneOf(start), [start]);
  const { add, remove } = form.value;
  const change = useMemo(() => changeOf(form.value, zone), [form.value, zone]);
  const ready = change !== null && add.length + remove.length > 0;
  // A new object whenever the form changed: it is asked again what would happen.
  const target = useMemo<Target>(() => (!ready ? NO_ONE : everyone ?? { recipients: picked }), [picked, everyone, change]);
  const sending = useSending(target, kind.request(change ?? { add, remove }), (portion) => {
    recipients.value = without(recipients.peek(), portion);
  });
  const words = t.access.dialog[kind.action];
  const missing = !everyone && picked.length === 0 ? t.actions.noContacts : add.length + remove.length === 0 ? words.missing : change ? undefined : t.access.wrongTime;
  return (
    <SendDialog start={start} onClose={onClose} needs="CONTACTS" words={{ ...t.access.result, ...words }} state={state} sending={sending} missing={missing}
      dirty={picked.length > 0 || add.length + remove.length > 0}>
      <AccessFields kind={kind} start={start} recipients={recipients} typed={typed} form={form} zone={zone} sending={sending} onLeave={onClose} />
    </SendDialog>
  );
}
