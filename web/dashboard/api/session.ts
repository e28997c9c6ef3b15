// The end of a session: sign in again, then come back to the same page. Drafts stay in the tab's storage.
import { boot } from './boot';

const RETURN_TO = `vestibule.${boot.account}.return`;

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

/** Asks the server if the session is still valid, after it refused a connection. */
export async function checkSession(): Promise<void> {
  try {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { ...HEADERS, 'Content-Type': 'application/json' },
      body: '{"query":"{ viewer { __typename } }"}',
    });
    const body = (await response.json()) as { data?: { viewer: unknown } };
    if (response.status === 401 || (body.data && !body.data.viewer)) endSession();
  } catch {
    // No response says nothing about the session.
  }
}

/** A cookie counts only with these: see "Credentials" in docs/integrate. */
export const HEADERS = { 'Vestibule-Account': boot.account, 'X-Vestibule-CSRF': '1' };
