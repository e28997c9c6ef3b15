// The actions, the import and a new course, which can be started from everywhere. Their dialogs are loaded when the first one is opened.
import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Permission } from './api';
import { may } from './api';
import type { IconName } from './components';
import { draftSignal } from './draft';
import { loadPageStrings, t } from './i18n';
import { link, navigate } from './router';

/** The contacts that an action starts with. */
export type Start = {
  contacts?: { id: string; email: string; name: string | null }[];
  emails?: string[];
  /** A `ContactFilter`, and how many contacts match. With `smartListId`: those of that list, whose conditions they are. */
  filter?: { value: Record<string, unknown>; count: number; smartListId?: string };
  section?: string;
  courseId?: string;
  communityId?: string;
  offerId?: string;
};

type AccessAction = 'ASSIGN_COURSES' | 'UPDATE_COMMUNITY_ACCESS' | 'GRANT_OFFER' | 'REVOKE_OFFER';

type ActionName = 'invite' | 'login_email' | 'magic_link' | AccessAction;

export type DialogProps = { start: Start; onClose: () => void };

export const startAction = (name: ActionName, start: Start = {}): void => {
  openAction.value = { name, start };
};

/** Whom a message is written to, until its page has read it. */
export const messageStart = draftSignal<Start | null>('compose.start', null);

/** Opens the page where a message is written, with these recipients. */
export function startMessage(start: Start): void {
  messageStart.value = start;
  navigate(link('compose'));
}

export const ACTIONS: readonly {
  id: string; label: () => string; icon: IconName; needs: Permission; run: () => void;
}[] = [
  { id: 'invite', label: () => t.shell.invite, icon: 'invite', needs: 'INVITE', run: () => startAction('invite') },
  { id: 'compose', label: () => t.shell.compose, icon: 'send', needs: 'INVITE', run: () => navigate(link('compose')) },
  { id: 'login_email', label: () => t.shell.loginEmail, icon: 'mail', needs: 'INVITE', run: () => startAction('login_email') },
  { id: 'magic_link', label: () => t.shell.magicLink, icon: 'link', needs: 'LINKS', run: () => startAction('magic_link') },
  { id: 'import', label: () => t.shell.importContacts, icon: 'upload', needs: 'CONTACTS', run: () => navigate(link('import')) },
  { id: 'ASSIGN_COURSES', label: () => t.access.dialog.ASSIGN_COURSES.title, icon: 'book', needs: 'CONTACTS', run: () => startAction('ASSIGN_COURSES') },
  {
    id: 'UPDATE_COMMUNITY_ACCESS', label: () => t.access.dialog.UPDATE_COMMUNITY_ACCESS.title, icon: 'community', needs: 'CONTACTS',
    run: () => startAction('UPDATE_COMMUNITY_ACCESS'),
  },
  { id: 'GRANT_OFFER', label: () => t.access.dialog.GRANT_OFFER.title, icon: 'offer', needs: 'CONTACTS', run: () => startAction('GRANT_OFFER') },
  { id: 'REVOKE_OFFER', label: () => t.access.dialog.REVOKE_OFFER.title, icon: 'stop', needs: 'CONTACTS', run: () => startAction('REVOKE_OFFER') },
  { id: 'new_smart_list', label: () => t.shell.newSmartList, icon: 'filter', needs: 'CONTACTS', run: () => navigate(link('smart-lists/new')) },
  { id: 'new_template', label: () => t.shell.newTemplate, icon: 'template', needs: 'ADMIN', run: () => navigate(link('templates/new')) },
  { id: 'new_course', label: () => t.shell.newCourse, icon: 'book', needs: 'CONTENT', run: () => navigate(link('courses', { new: '1' })) },
];

type OpenAction = { name: ActionName; start: Start };

/** What a reload opens again. */
const unfinished = draftSignal<OpenAction | null>('action', null);

const reopened = (): OpenAction | null => {
  const action = ACTIONS.find(({ id }) => id === unfinished.peek()?.name);
  return action && may(action.needs) ? unfinished.peek() : null;
};

export const openAction = signal(reopened());

/** In the dialog of an action: a reload opens it again, unless it shows a result. */
export function useReopening(finished: boolean): void {
  useEffect(() => {
    unfinished.value = finished ? null : openAction.peek();
    return () => {
      unfinished.value = null;
    };
  }, [finished]);
}

/** All dialogs are one file, with the contact picker that they share. */
export async function loadDialogs(): Promise<Record<ActionName, ComponentType<DialogProps>>> {
  const [dialogs] = await Promise.all([import('./actions/dialogs'), loadPageStrings()]);
  return dialogs;
}
