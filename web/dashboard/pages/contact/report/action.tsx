// What staff can do about a step: the dialogs and pages that are there already.
import { useState } from 'preact/hooks';
import { ACTIONS, startAction } from '../../../actions';
import type { Permission } from '../../../api';
import { errorText } from '../../../api';
import type { IconName } from '../../../components';
import { Button, ButtonLink, toast } from '../../../components';
import { t } from '../../../i18n';
import { findPage } from '../../../pages';
import { link, setParams } from '../../../router';
import { restoreAccess } from '../access';
import { resend, startOf } from '../actions';
import { Resume } from '../banners';
import type { Contact } from '../contact';
import { noMail, noRole } from '../contact';
import type { Action, Item, Step } from './documents';

type ActionProps = { contact: Contact; step: Step; item: Item | undefined; onChanged: () => void };

/** Opens the details below, and goes there. */
function editDetails(): void {
  setParams({ tab: 'details' });
  requestAnimationFrame(() => {
    const tab = document.querySelector<HTMLElement>('.contact [role="tab"][aria-selected="true"]');
    tab?.focus();
    tab?.scrollIntoView({ block: 'start' });
  });
}

const GRANTS = { course: 'ASSIGN_COURSES', community: 'UPDATE_COMMUNITY_ACCESS' } as const;

function Grant({ contact, item }: { contact: Contact; item: Item | undefined }) {
  const action = item && ACTIONS.find(({ id }) => id === GRANTS[item.kind]);
  if (!action) return null;
  const start = startAction as (name: string, from: object) => void;
  const from = { ...startOf(contact), [`${item.kind}Id`]: item.id };
  return (
    <Button kind="quiet" size="small" icon="plus" disabledReason={noRole(action.needs)} onClick={() => start(action.id, from)}>
      {t.accessReport.action.GRANT}
    </Button>
  );
}

/** Where the item is published, if this dashboard has a page for it. */
function Publish({ item }: { item: Item | undefined }) {
  const path = item && `${item.kind === 'course' ? 'courses' : 'communities'}/${item.id}`;
  if (!path || !findPage(path)) return null;
  return <ButtonLink kind="quiet" size="small" href={link(path)}>{t.accessReport.action.PUBLISH}</ButtonLink>;
}

function ChangeSettings() {
  const label = t.accessReport.action.CHANGE_SETTINGS;
  const refused = noRole('ADMIN');
  return refused
    ? <Button kind="quiet" size="small" icon="settings" disabledReason={refused}>{label}</Button>
    : <ButtonLink kind="quiet" size="small" icon="settings" href={`${link('settings')}#sign-in`}>{label}</ButtonLink>;
}

type Done = Exclude<Action, 'GRANT' | 'PUBLISH' | 'CHANGE_SETTINGS'>;

const DONE: Record<Done, { icon: IconName; needs: Permission; sends?: true }> = {
  EDIT_CONTACT: { icon: 'user', needs: 'CONTACTS' },
  RESTORE_ACCESS: { icon: 'undo', needs: 'CONTACTS' },
  INVITE: { icon: 'invite', needs: 'INVITE', sends: true },
  RESEND_INVITATION: { icon: 'refresh', needs: 'INVITE', sends: true },
  RESUME_EMAIL: { icon: 'play', needs: 'CONTACTS' },
  SEND_LOGIN_EMAIL: { icon: 'mail', needs: 'INVITE', sends: true },
};

function Do({ action, contact, step, onChanged }: ActionProps & { action: Done }) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const { icon, needs, sends } = DONE[action];
  const wait = (work: Promise<void>) => {
    setBusy(true);
    work.catch((error: unknown) => toast({ text: errorText(error), tone: 'bad' })).finally(() => setBusy(false)).then(onChanged, onChanged);
  };
  const run: Record<Done, () => void> = {
    EDIT_CONTACT: editDetails,
    RESTORE_ACCESS: () => wait(restoreAccess(contact)),
    INVITE: () => startAction('invite', startOf(contact)),
    RESEND_INVITATION: () => wait(resend(contact, contact.invitation?.id ?? step.targetId ?? '')),
    RESUME_EMAIL: () => setAsking(true),
    SEND_LOGIN_EMAIL: () => startAction('login_email', startOf(contact)),
  };
  return (
    <>
      <Button kind="quiet" size="small" icon={icon} busy={busy} disabledReason={noRole(needs) ?? (sends && noMail(contact))} onClick={run[action]}>
        {t.accessReport.action[action]}
      </Button>
      <Resume open={asking} contact={contact} onClose={() => setAsking(false)} onChanged={onChanged} />
    </>
  );
}

export function StepAction(props: ActionProps) {
  const { action } = props.step;
  if (!action) return null;
  switch (action) {
    case 'GRANT': return <Grant {...props} />;
    case 'PUBLISH': return <Publish item={props.item} />;
    case 'CHANGE_SETTINGS': return <ChangeSettings />;
    default: return <Do {...props} action={action} />;
  }
}
