import { startAction } from '../actions';
import { boot, may } from '../api';
import { Button } from '../components';
import { t } from '../i18n';
import { link } from '../router';
import { byReason } from './dry_run_view';
import type { SkipReason, Skipped } from './outcome';
import { StepButton } from './step_button';
import { contactIds, resend, restore } from './steps';

const SHOWN = 5;

type GroupProps = {
  group: Skipped[];
  /** Takes addresses back into the form. */
  onMend: (emails: string[]) => void;
  /** The dialog closes: a link leads elsewhere. */
  onLeave: () => void;
};

/** Who was skipped and why, each group with what can be done next. */
export function SkippedGroups({ skipped, ...rest }: { skipped: Skipped[] } & Omit<GroupProps, 'group'>) {
  if (skipped.length === 0) return null;
  return (
    <section class="skipped" aria-label={t.actions.skippedTitle(skipped.length)}>
      <h3>{t.actions.skippedTitle(skipped.length)}</h3>
      {byReason(skipped).map(({ reason, group }) => (
        <div class="skipped-group" key={reason}>
          <p><strong>{t.actions.skipCount[reason](group.length)}</strong></p>
          <Addresses group={group} onLeave={rest.onLeave} />
          <NextStep reason={reason} group={group} {...rest} />
        </div>
      ))}
    </section>
  );
}

const Addresses = ({ group, onLeave }: { group: Skipped[]; onLeave: () => void }) => (
  <ul class="skipped-addresses">
    {group.slice(0, SHOWN).map(({ contactId, email }, index) => (
      <li key={index}>
        {contactId
          ? <a href={link(`contacts/${contactId}`)} onClick={onLeave}><bdi>{email ?? t.common.aContact}</bdi></a>
          : <bdi>{email ?? t.common.aContact}</bdi>}
      </li>
    ))}
    {group.length > SHOWN && <li class="hint">{t.actions.andMore(group.length - SHOWN)}</li>}
  </ul>
);

const emails = (group: Skipped[]): string[] => group.flatMap(({ email }) => email ?? []);

function NextStep({ reason, group, onMend }: GroupProps & { reason: SkipReason }) {
  const { step } = t.actions;
  switch (reason) {
    case 'ALREADY_ACTIVE':
      return <Open label={step.sendLogin} onClick={() => startAction('login_email', { contacts: asContacts(group) })} />;
    case 'NOT_FOUND':
      return emails(group).length > 0 ? <Open label={step.inviteThem} onClick={() => startAction('invite', { emails: emails(group) })} /> : null;
    case 'INVALID_EMAIL':
      return <Open label={step.mend} onClick={() => onMend(emails(group))} />;
    case 'ALREADY_INVITED':
      return <StepButton label={step.resend} run={async () => {
        const { count, later } = await resend(group);
        return later ? step.resentLater(count) : step.resent(count);
      }} />;
    case 'REVOKED':
      return <StepButton label={step.restore} run={async () => step.restored(await restore(contactIds(group)))}
        disabledReason={may('CONTACTS') ? undefined : t.common.noRole(t.words.role[boot.role])} />;
    case 'SUPPRESSED':
      return <p class="hint">{step.openContact}</p>;
    case 'NO_EMAIL':
      return <p class="hint">{step.addEmail}</p>;
    case 'DUPLICATE':
      return <p class="hint">{step.duplicate}</p>;
    case 'ALREADY_REVOKED':
    case 'NOT_REVOKED':
    case 'TOO_MANY_TAGS':
    case 'NO_PHONE':
    case 'INVALID_PHONE':
    case 'UNSUBSCRIBED':
      return null;
  }
}

const Open = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <div class="step"><Button kind="quiet" size="small" onClick={onClick}>{label}</Button></div>
);

const asContacts = (group: Skipped[]) =>
  group.flatMap(({ contactId, email }) => (contactId && email ? [{ id: contactId, email, name: null }] : []));
