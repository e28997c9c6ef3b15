// The end of a session: sign in again, then come back to the same page. Drafts stay in the tab's storage.
import { boot } from './boot';

const OWN = `vestibule.${boot.account}.${boot.memberId}.`;

/** The key of what the tab keeps for this member: another one who signs in in the same tab never sees it. */
export const tabKey = (name: string): string => OWN + name;

/** What the tab keeps under a key: null if there is nothing, or nothing that can be read. */
export function readTab(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

const RETURN_TO = tabKey('return');

let ending = false;

export function endSession(): void {
  if (ending) return;
  ending = true;
  sessionStorage.setItem(RETURN_TO, location.pathname + location.search);
  // Without a session, the dashboard's address redirects to its sign-in page.
  location.replace(boot.base);
}

/** The page that an ended session was on, once. */
export function takeReturnPath(): string | null {
  const path = sessionStorage.getItem(RETURN_TO);
  sessionStorage.removeItem(RETURN_TO);
  return path?.startsWith(`${boot.base}/`) ? path : null;
}

/** Before signing out: nothing of this member stays in the tab. */
export function forgetMember(): void {
  ending = true;
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(OWN)) sessionStorage.removeItem(key);
}

/** Asks the server if the session is still valid and this member's, after a connection was refused or opened again. */
export async function checkSession(): Promise<void> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { ...HEADERS, 'Content-Type': 'application/json' },
      body: '{"query":"{ viewer { ... on TeamMember { id } } }"}',
    });
    const body = (await response.json()) as { data?: { viewer: { id?: string } | null } };
    if (response.status === 401 || (body.data && body.data.viewer?.id !== boot.memberId)) endSession();
  } catch {
    // No response says nothing about the session.
  }
}

/** A cookie counts only with these: see "Credentials" in docs/integrate. */
export const HEADERS = { 'Vestibule-Account': boot.account, 'X-Vestibule-CSRF': '1' };
