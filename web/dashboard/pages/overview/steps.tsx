// The steps of the checklist, and which are done, as the API has them.
import { useState } from 'preact/hooks';
import type { VNode } from 'preact';
import { startAction } from '../../actions';
import { boot, counts, graphql, useQuery, useRefreshOn } from '../../api';
import { Button, ButtonLink } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';

const SETUP = graphql(`
  query Setup {
    viewer { __typename ... on TeamMember { id email } }
    portal { id createdAt sendingDomain { status } }
  }
`);

const MYSELF = graphql(`
  query MyselfAsContact($email: EmailAddress!) {
    contact(email: $email) { id portalStatus }
    portalStats { invitedTotal version }
  }
`);

export type Step = {
  id: 'self' | 'read' | 'open' | 'invite' | 'mail';
  done: boolean;
  hint?: string;
  action: VNode | null;
};

const NEW_DAYS = 30;
const DAY_MS = 86_400_000;

const storageKey = (name: string): string => `vestibule.${boot.account}.${name}`;

export const isDismissed = (): boolean => localStorage.getItem(storageKey('checklist')) === 'dismissed';

export const dismissChecklist = (): void => localStorage.setItem(storageKey('checklist'), 'dismissed');

/** Whether an email was read is nothing that the API knows: opening the outbox counts. */
function useOutboxVisit() {
  const [visited, setVisited] = useState(() => localStorage.getItem(storageKey('outbox')) === 'opened');
  const visit = () => {
    localStorage.setItem(storageKey('outbox'), 'opened');
    setVisited(true);
  };
  return { visited, visit };
}

/** Null while they are being read, and for an account that is no longer new. */
export function useSteps(): Step[] | null {
  const { data } = useQuery(SETUP, {});
  const email = data?.viewer?.__typename === 'TeamMember' ? data.viewer.email : '';
  const { data: mine, reload } = useQuery(MYSELF, { email }, { pause: !email });
  useRefreshOn(['INVITED', 'INVITATION_CANCELLED', 'JOINED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED'], reload);
  const outbox = useOutboxVisit();
  if (!data || !mine || Date.now() - Date.parse(data.portal.createdAt) > NEW_DAYS * DAY_MS) return null;

  const status = mine.contact?.portalStatus ?? 'NOT_INVITED';
  const joined = status === 'ACTIVE';
  const invitedTotal = counts.value?.invitedTotal ?? mine.portalStats.invitedTotal;
  return [
    {
      id: 'self', done: status !== 'NOT_INVITED',
      action: <Button size="small" icon="invite" onClick={() => startAction('invite', { emails: [email] })}>{t.overview.inviteMyself}</Button>,
    },
    {
      id: 'read', done: joined || outbox.visited, ...(!boot.outboxHref && { hint: boot.keepsMail ? t.overview.readByOwner : t.overview.readInbox }),
      action: boot.outboxHref
        ? <ButtonLink kind="quiet" size="small" icon="mail" href={boot.outboxHref} onClick={outbox.visit}>{t.shell.outbox}</ButtonLink>
        : null,
    },
    {
      id: 'open', done: joined,
      action: <ButtonLink kind="quiet" size="small" icon="external" href={boot.portalUrl} target="_blank" rel="noopener">{t.shell.portal}</ButtonLink>,
    },
    {
      id: 'invite', done: invitedTotal > (status === 'NOT_INVITED' ? 0 : 1),
      action: <Button kind="quiet" size="small" icon="invite" onClick={() => startAction('invite')}>{t.overview.inviteContact}</Button>,
    },
    {
      id: 'mail', done: !boot.keepsMail && data.portal.sendingDomain?.status === 'VERIFIED',
      ...(boot.keepsMail && { hint: t.overview.setSmtp }),
      action: boot.keepsMail
        ? null
        : <ButtonLink kind="quiet" size="small" icon="settings" href={`${link('settings')}#email`}>{t.shell.settings}</ButtonLink>,
    },
  ];
}
