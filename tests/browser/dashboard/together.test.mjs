// Two members at work: what one does appears at the other at once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';

// Mostly within half a second; a busy machine takes longer.
const WITHIN_MS = 5_000;
const ADDRESS = 'nora@people.example';
const INVITE = 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }';
const LINK = 'mutation ($email: EmailAddress!) { generateMagicLink(input: { email: $email }) { url } }';

let dashboard;
let owner;
let overview;
let contacts;

before(async () => {
  dashboard = await Dashboard.start();
  owner = await dashboard.signIn();
  await dashboard.api(owner, 'mutation { inviteTeamMember(input: { email: "ann@acme.example", role: ADMIN }) { teamMember { id } } }');
  overview = await dashboard.signIn('', { member: 'ann@acme.example' });
  contacts = await overview.context().newPage();
  await contacts.goto(`${dashboard.base}/contacts`);
  await contacts.locator('.connection[data-state=live]').waitFor();
  await contacts.locator('tbody tr').first().waitFor();
  await overview.locator('[data-count=invited] .count-value').waitFor();
});

after(() => dashboard?.stop());

/** Notes in `page` when a text first shows in an element of `selector`. Times are of the machine's clock, for all pages the same. */
const notes = (page, selector, text) => page.evaluateHandle(([where, wanted]) => {
  const shows = () => [...document.querySelectorAll(where)].some(({ textContent }) => textContent.includes(wanted));
  const now = () => performance.timeOrigin + performance.now();
  return {
    seen: new Promise((done) => {
      const observer = new MutationObserver(() => {
        if (!shows()) return;
        observer.disconnect();
        done(now());
      });
      observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    }),
  };
}, [selector, text]);

const seen = (handle) => handle.evaluate(({ seen: at }) => at);

/** How long after `act` each text showed. */
async function latencies(t, watched, act) {
  const handles = await Promise.all(watched.map(([page, selector, text]) => notes(page, selector, text)));
  const since = await act();
  const waits = await Promise.all(handles.map(async (handle) => Math.round(await seen(handle) - since)));
  waits.forEach((wait, at) => t.diagnostic(`${watched[at][1]} “${watched[at][2]}”: ${wait} ms`));
  for (const [at, wait] of waits.entries()) assert.ok(wait < WITHIN_MS, `${watched[at][1]} took ${wait} ms`);
}

const count = async (name) => Number(await overview.locator(`[data-count=${name}] .count-value`).textContent());

/** By a request of the owner's own page, timed from its start. */
const invite = () => owner.evaluate(async ([query, emails]) => {
  const since = performance.timeOrigin + performance.now();
  await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Vestibule-Account': 'demo', 'X-Vestibule-CSRF': '1' },
    body: JSON.stringify({ query, variables: { emails } }),
  });
  return since;
}, [INVITE, [`Nora Lind <${ADDRESS}>`]]);

test('an invitation moves the other’s count, feed and list at once', async (t) => {
  const invited = await count('invited');
  await latencies(t, [
    [overview, '[data-count=invited] .count-value', String(invited + 1)],
    [overview, '.feed', 'Nora Lind was invited'],
    [contacts, '.table-fresh', '1 new'],
  ], invite);
});

test('whoever joins moves the other’s counts, feed and list at once', async (t) => {
  await contacts.getByRole('button', { name: '1 new' }).click();
  await contacts.locator('tbody tr').filter({ hasText: 'Nora Lind' }).filter({ hasText: 'Invited' }).waitFor();
  const { generateMagicLink } = await dashboard.api(owner, LINK, { email: ADDRESS });
  const portal = await dashboard.browser.newPage();
  await portal.goto(generateMagicLink.url);
  const joined = await count('active');
  await latencies(t, [
    [overview, '[data-count=active] .count-value', String(joined + 1)],
    [overview, '.feed', 'Nora Lind joined'],
    [contacts, 'tbody tr .pill', 'Joined'],
  ], async () => {
    const since = await portal.evaluate(() => performance.timeOrigin + performance.now());
    await portal.getByRole('button').first().click();
    return since;
  });
  await portal.context().close();
});

test('the pages logged no error', () => assert.deepEqual([...owner.errors, ...overview.errors], []));
