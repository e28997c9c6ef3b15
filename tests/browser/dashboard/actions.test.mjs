// The three actions: inviting, sending login emails, and generating magic links.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { until } from '../../scenario/lib/processes.mjs';

const INVITE = 'mutation($input: InviteContactsInput!) { inviteContacts(input: $input) { count } }';
const GENERATE = 'mutation($input: GenerateMagicLinkInput!) { generateMagicLink(input: $input) { url magicLink { id } } }';
const REVOKE_ACCESS = 'mutation($input: RevokePortalAccessInput!) { revokePortalAccess(input: $input) { contact { id } } }';
const MANY = 12_000;
const PICKER = { name: /^Contacts?$/ };

let dashboard;
let page;

const api = (query, variables) => dashboard.api(page, query, variables);
const idOf = async (email) => (await api('query($email: EmailAddress!) { contact(email: $email) { id } }', { email })).contact.id;
const invitationOf = async (email) =>
  (await api('query($email: EmailAddress!) { contact(email: $email) { invitation { status section note sentCount } } }', { email })).contact?.invitation;
const loginEmails = async () =>
  (await api('{ messages(first: 100) { nodes { kind status contact { email } } } }')).messages.nodes
    .filter(({ kind, status }) => kind === 'LOGIN_EMAIL' && status !== 'BOUNCED').map(({ contact }) => contact.email).sort();

const dialog = (name) => page.getByRole('dialog', { name, exact: true });
const inviteDialog = () => dialog('Invite to client portal');
const loginDialog = () => dialog('Send login email');
const linkDialog = () => dialog('Generate magic link');

async function start(action) {
  await page.getByRole('button', { name: 'Actions', exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function pick(box, ...texts) {
  for (const text of texts) {
    await box.getByRole('combobox', PICKER).fill(text);
    await page.keyboard.press('Comma');
  }
}

/** The contact presses the button of the link in a browser of their own. */
async function redeem(url) {
  const context = await dashboard.browser.newContext({ javaScriptEnabled: false });
  const portal = await context.newPage();
  await portal.goto(url);
  await portal.getByRole('button').first().click();
  await portal.waitForURL(/\/p\/demo/);
  await context.close();
}

async function join(email) {
  const { generateMagicLink } = await api(GENERATE, { input: { contactId: await idOf(email) } });
  await redeem(generateMagicLink.url);
}

/** Signs in as another member of the team. */
async function signInAs(browserPage, email) {
  // A page of the dashboard that reads something without its cookies would go to the sign-in page, in the middle of the next visit.
  await browserPage.goto('about:blank');
  await browserPage.context().clearCookies();
  const printed = await dashboard.server.command('account', 'sign-in', '--slug', 'demo', '--email', email);
  await browserPage.goto(/http\S+\/link\/[^\s"]+/.exec(printed)[0]);
  await browserPage.getByRole('button').click();
  await browserPage.waitForURL(/\/dashboard\/demo$/);
  await browserPage.goto(dashboard.base);
  await browserPage.locator('.connection[data-state=live]').waitFor();
}

const stored = () => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, location.href]));

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
  await join('grace@people.example');
});

beforeEach(async () => {
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(dashboard.base);
  await page.locator('.connection[data-state=live]').waitFor();
});

after(() => dashboard.stop());

test('contacts and new addresses are invited together, with section and note', async () => {
  await start('Invite to client portal');
  const box = inviteDialog();
  await box.getByRole('combobox', PICKER).fill('ada');
  await page.getByRole('option', { name: /Ada Lovelace/ }).click();
  await pick(box, 'Zoe Ash <zoe@people.example>', 'cleo');
  await box.getByText('2 will be invited').waitFor();
  await box.getByText('1 is not an email address').waitFor();
  await box.getByLabel('Opens in').selectOption('COURSES');
  await box.getByLabel(/^Note/).fill('See you on Monday');
  await box.getByText('Preview the email').click();
  await box.getByText('Demo Academy invited you to its portal', { exact: true }).waitFor();
  await box.getByText('Open your courses').waitFor();
  await inspect(page, 'invite');
  await box.getByRole('button', { name: 'Invite 2' }).click();
  await box.getByRole('heading', { name: '2 contacts invited' }).waitFor();
  await inspect(page, 'invited');
  const invitation = await invitationOf('zoe@people.example');
  assert.deepEqual(invitation, { status: 'OPEN', section: 'COURSES', note: 'See you on Monday', sentCount: 1 });
  assert.equal((await invitationOf('ada@people.example')).status, 'OPEN');

  await box.getByRole('button', { name: 'Correct them' }).click();
  await box.getByRole('button', { name: 'Edit cleo' }).click();
  await box.getByRole('combobox', PICKER).press('End');
  await box.getByRole('combobox', PICKER).pressSequentially('@people.example,');
  await box.getByRole('button', { name: 'Invite 1' }).click();
  await box.getByRole('heading', { name: '1 contact invited' }).waitFor();
  await box.getByRole('button', { name: 'Done' }).click();
  await box.waitFor({ state: 'detached' });
  assert.equal((await invitationOf('cleo@people.example')).status, 'OPEN');
});

test('whoever is skipped has a next step: resend, restore, login email', async () => {
  await api(INVITE, { input: { emails: ['alan@people.example'] } });
  await api(REVOKE_ACCESS, { input: { contactId: await idOf('katherine@people.example') } });
  await start('Invite to client portal');
  const box = inviteDialog();
  await pick(box, 'grace@people.example', 'alan@people.example', 'katherine@people.example', 'nora@people.example');
  await box.getByRole('button', { name: 'Invite 1' }).click();
  await box.getByRole('heading', { name: '1 contact invited' }).waitFor();
  await inspect(page, 'invited-skipped');

  await box.getByRole('button', { name: 'Send the invitation again' }).click();
  await box.getByText('1 invitation sent again').waitFor();
  assert.equal((await invitationOf('alan@people.example')).sentCount, 2);
  await box.getByRole('button', { name: 'Restore access' }).click();
  await box.getByText('Access restored for 1 contact').waitFor();
  const { contact } = await api('{ contact(email: "katherine@people.example") { portalStatus } }');
  assert.notEqual(contact.portalStatus, 'REVOKED');
  await box.getByRole('button', { name: 'Send a login email' }).click();
  await loginDialog().getByText('Grace Hopper').waitFor();
  await loginDialog().getByRole('button', { name: 'Send 1' }).click();
  await loginDialog().getByRole('heading', { name: '1 login email sent' }).waitFor();
  await loginDialog().getByRole('button', { name: 'Done' }).click();
  assert.deepEqual(await loginEmails(), ['grace@people.example']);
});

test('nothing is sent when no one can be invited, and the dialog says what to do instead', async () => {
  await start('Invite to client portal');
  const box = inviteDialog();
  await pick(box, 'grace@people.example');
  await box.getByText('1 has already joined').waitFor();
  await box.getByRole('button', { name: 'Continue' }).click();
  await box.getByRole('heading', { name: 'No one was invited' }).waitFor();
  await box.getByRole('button', { name: 'Send a login email' }).waitFor();
  await box.getByRole('button', { name: 'Done' }).click();
});

test('login emails go to chosen contacts and to everyone who has joined; unknown addresses are named', async () => {
  await start('Send login email');
  const box = loginDialog();
  await pick(box, 'grace@people.example', 'stranger@people.example');
  await box.getByText('1 login email will be sent').waitFor();
  await box.getByText('1 is not a contact', { exact: true }).waitFor();
  await inspect(page, 'login-email');
  await box.getByRole('button', { name: 'Send 1' }).click();
  await box.getByRole('heading', { name: '1 login email sent' }).waitFor();
  await box.getByRole('button', { name: 'Invite them instead' }).waitFor();
  await inspect(page, 'login-email-sent');
  await box.getByRole('button', { name: 'Send more' }).click();
  await box.getByLabel('Everyone who has joined').check();
  await box.getByRole('button', { name: 'Send 1' }).click();
  await box.getByRole('heading', { name: 'Sending 1 login email' }).waitFor();
  await box.getByText('1 done').waitFor();
  await inspect(page, 'login-email-job');
  await box.getByRole('link', { name: 'See each outcome' }).click();
  await page.waitForURL(/\/jobs\/job_/);
  await box.waitFor({ state: 'detached' });
  assert.deepEqual((await loginEmails()).filter((email) => email !== 'grace@people.example'), []);
});

test('a magic link is shown once, says when it was used, and can be emailed and revoked', async () => {
  await start('Generate magic link');
  const box = linkDialog();
  await box.getByRole('button', { name: 'Generate link' }).click();
  await box.getByText('Choose a contact first.').waitFor();
  await box.getByRole('combobox', PICKER).fill('barbara');
  await page.getByRole('option', { name: /Barbara Liskov/ }).click();
  await box.getByRole('button', { name: 'Change the contact Barbara Liskov' }).waitFor();
  await box.getByLabel('Opens in').selectOption('COURSES');
  await box.getByLabel('Limit to this section').check();
  await box.getByLabel('Expires after').selectOption({ label: 'Another time' });
  await box.getByLabel('Minutes').fill('4');
  await box.getByRole('button', { name: 'Generate link' }).click();
  await box.getByText('Enter a whole number from 5 to 10,080.').waitFor();
  await box.getByLabel('Minutes').fill('30');
  await inspect(page, 'magic-link');
  await box.getByRole('button', { name: 'Generate link' }).click();
  await box.getByText(/signs Barbara Liskov in to Demo Academy once, within 30 minutes/).waitFor();
  const url = await box.getByRole('textbox', { name: 'Magic link' }).inputValue();
  assert.match(url, /\/p\/demo\/link\//);
  await box.getByRole('button', { name: 'QR code' }).click();
  await box.getByRole('img', { name: /QR code/ }).waitFor();
  await inspect(page, 'magic-link-ready');
  assert.ok(!(await stored()).includes(url.split('/').pop()), 'the link is stored nowhere');

  await box.getByRole('button', { name: 'Email it' }).click();
  await box.getByText(/It is also on its way by email/).waitFor();
  const fresh = await box.getByRole('textbox', { name: 'Magic link' }).inputValue();
  assert.notEqual(fresh, url);
  await redeem(fresh);
  await box.getByText('The contact signed in with this link.').waitFor();
  await inspect(page, 'magic-link-used');
  await box.getByRole('button', { name: 'Generate another' }).click();
  await box.getByRole('button', { name: 'Generate link' }).click();
  await box.getByRole('button', { name: 'Revoke' }).click();
  await dialog('Revoke this link?').getByRole('button', { name: 'Revoke' }).click();
  await box.getByText('Revoked. The link no longer works.').waitFor();
  await box.getByRole('button', { name: 'Done' }).click();
  const { magicLinks } = await api('query($id: ID!) { magicLinks(contactId: $id) { nodes { status section limitToSection } } }',
    { id: await idOf('barbara@people.example') });
  assert.deepEqual(magicLinks.nodes.map(({ status }) => status).sort(), ['REVOKED', 'SUPERSEDED', 'USED']);
  assert.ok(magicLinks.nodes.every(({ section, limitToSection }) => section === 'COURSES' && limitToSection));
});

test('a new magic link replaces the live one; an address without a contact leads to an invitation', async () => {
  const contactId = await idOf('donald@people.example');
  const first = (await api(GENERATE, { input: { contactId, expiresInMinutes: 60 } })).generateMagicLink.magicLink.id;
  await start('Generate magic link');
  const box = linkDialog();
  await pick(box, 'donald@people.example');
  await box.getByLabel('Replace the earlier link').waitFor();
  await box.getByRole('button', { name: 'Generate link' }).click();
  await box.getByRole('textbox', { name: 'Magic link' }).waitFor();
  const { node } = await api('query($id: ID!) { node(id: $id) { ... on MagicLink { status } } }', { id: first });
  assert.equal(node.status, 'SUPERSEDED');
  await box.getByRole('button', { name: 'Generate another' }).click();
  await box.getByRole('button', { name: 'Change the contact Donald Knuth' }).click();
  await pick(box, 'unknown@people.example');
  await box.getByText('No contact has this address.').waitFor();
  await inspect(page, 'magic-link-unknown');
  await box.getByRole('button', { name: 'Invite', exact: true }).click();
  await inviteDialog().getByText('1 will be invited').waitFor();
  await page.keyboard.press('Escape');
});

test('custom menu links hold no credential', async () => {
  await start('Generate magic link');
  const box = linkDialog();
  await box.getByRole('tab', { name: 'Custom menu' }).click();
  assert.match(await box.getByRole('textbox', { name: 'Courses link' }).inputValue(), /\/p\/demo\/courses$/);
  assert.match(await box.getByRole('textbox', { name: 'Affiliates link' }).inputValue(), /\/p\/demo\/affiliates$/);
  await inspect(page, 'custom-menu');
  await page.keyboard.press('Escape');
  await box.waitFor({ state: 'detached' });
});

test('the keyboard alone invites, sends a login email and generates a link', async () => {
  const { keyboard } = page;
  const command = async (words) => {
    await keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search contacts and actions' }).pressSequentially(words);
    await page.getByRole('option', { selected: true }).filter({ hasText: words }).waitFor();
    await keyboard.press('Enter');
  };
  const tabTo = async (locator) => {
    for (let presses = 0; presses < 30; presses += 1) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await keyboard.press('Tab');
    }
    assert.fail(`${locator} is not reached by Tab`);
  };

  await command('Invite to client portal');
  await inviteDialog().getByRole('combobox', PICKER).waitFor();
  await keyboard.type('kay@people.example');
  await keyboard.press('Enter');
  await inviteDialog().getByText('1 will be invited').waitFor();
  await tabTo(inviteDialog().getByRole('button', { name: 'Invite 1' }));
  await keyboard.press('Enter');
  await inviteDialog().getByRole('heading', { name: '1 contact invited' }).waitFor();
  await keyboard.press('Escape');
  await inviteDialog().waitFor({ state: 'detached' });

  await command('Send login email');
  await loginDialog().getByLabel('Contacts you choose').waitFor();
  await tabTo(loginDialog().getByRole('combobox', PICKER));
  await keyboard.type('kay@people.example');
  await keyboard.press('Enter');
  await loginDialog().getByText('1 login email will be sent').waitFor();
  await tabTo(loginDialog().getByRole('button', { name: 'Send 1' }));
  await keyboard.press('Enter');
  await loginDialog().getByRole('heading', { name: '1 login email sent' }).waitFor();
  await keyboard.press('Escape');
  await loginDialog().waitFor({ state: 'detached' });

  await command('Generate magic link');
  await linkDialog().getByRole('combobox', PICKER).waitFor();
  await keyboard.type('kay@people.example');
  await keyboard.press('Enter');
  await linkDialog().getByRole('button', { name: /Change the contact/ }).waitFor();
  await tabTo(linkDialog().getByRole('button', { name: 'Generate link' }));
  await keyboard.press('Enter');
  await linkDialog().getByRole('textbox', { name: 'Magic link' }).waitFor();
  await tabTo(linkDialog().getByRole('button', { name: 'Copy Magic link' }));
  await keyboard.press('Escape');
  await linkDialog().waitFor({ state: 'detached' });
});

test('an invitation in one browser moves the list and the counts in another', async () => {
  const other = await dashboard.signIn('links');
  await start('Invite to client portal');
  await pick(inviteDialog(), 'side@people.example');
  await inviteDialog().getByRole('button', { name: 'Invite 1' }).click();
  await inviteDialog().getByRole('heading', { name: '1 contact invited' }).waitFor();
  await other.getByRole('button', { name: /new$/ }).click();
  await other.getByRole('row').filter({ hasText: 'side@people.example' }).getByText('Invitation').waitFor();

  await other.getByRole('button', { name: 'Actions', exact: true }).click();
  await other.getByRole('menuitem', { name: 'Send login email' }).click();
  const { portalStats } = await api('{ portalStats { active } }');
  await other.getByText(new RegExp(`^${portalStats.active} contacts?$`)).waitFor();
  await join('side@people.example');
  await other.getByText(`${portalStats.active + 1} contacts`).waitFor();
  assert.deepEqual(other.errors, []);
  await other.context().close();
});

test('an open dialog and what was typed survive a reload and the end of the session', async () => {
  await start('Invite to client portal');
  await pick(inviteDialog(), 'draft@people.example');
  await inviteDialog().getByLabel(/^Note/).fill('A note to keep');
  await inviteDialog().getByText('1 will be invited').waitFor();
  await inviteDialog().getByRole('combobox', PICKER).fill('hal');
  await page.reload();
  await inviteDialog().getByRole('listitem', { name: /draft@people\.example/ }).waitFor();
  assert.equal(await inviteDialog().getByLabel(/^Note/).inputValue(), 'A note to keep');
  assert.equal(await inviteDialog().getByRole('combobox', PICKER).inputValue(), 'hal');

  await inviteDialog().getByRole('button', { name: 'Invite 1' }).waitFor();
  await page.context().clearCookies();
  await inviteDialog().getByRole('button', { name: 'Invite 1' }).click();
  await page.getByRole('heading', { name: /Sign in/ }).waitFor();
  await page.goto(JSON.parse(await dashboard.server.command('demo')).ownerSignInUrl);
  await page.getByRole('button').click();
  await page.waitForURL(/\/dashboard\/demo$/);
  await page.goto(dashboard.base);
  await page.locator('.connection[data-state=live]').waitFor();
  assert.equal(await inviteDialog().getByLabel(/^Note/).inputValue(), 'A note to keep');
  await inviteDialog().getByRole('button', { name: 'Invite 1' }).waitFor();
  await inviteDialog().getByRole('button', { name: 'Start over' }).click();
  assert.equal(await inviteDialog().getByLabel(/^Note/).inputValue(), '');
  assert.equal(await inviteDialog().getByRole('combobox', PICKER).inputValue(), '');
  await page.keyboard.press('Escape');
  await inviteDialog().waitFor({ state: 'detached' });
  await page.reload();
  await page.locator('.connection[data-state=live]').waitFor();
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test('a dialog that shows its result stays closed after a reload', async () => {
  await start('Invite to client portal');
  await pick(inviteDialog(), 'result@people.example');
  await inviteDialog().getByRole('button', { name: 'Invite 1' }).click();
  await inviteDialog().getByRole('heading', { name: '1 contact invited' }).waitFor();
  await page.reload();
  await page.locator('.connection[data-state=live]').waitFor();
  assert.equal(await page.locator('dialog[open]').count(), 0);
});

test('a role that changed meanwhile ends the session; what was typed is there when the role is back', async () => {
  const { inviteTeamMember } = await api('mutation($input: InviteTeamMemberInput!) { inviteTeamMember(input: $input) { teamMember { id } } }',
    { input: { email: 'staff@demo.example', name: 'Sam', role: 'STAFF' } });
  const teamMemberId = inviteTeamMember.teamMember.id;
  const changeRole = (role) => api('mutation($input: UpdateTeamMemberInput!) { updateTeamMember(input: $input) { teamMember { id } } }',
    { input: { teamMemberId, role } });
  const staff = await dashboard.signIn();
  await signInAs(staff, 'staff@demo.example');
  await staff.getByRole('button', { name: 'Actions', exact: true }).click();
  await staff.getByRole('menuitem', { name: 'Generate magic link' }).click();
  const box = staff.getByRole('dialog', { name: 'Generate magic link' });
  await box.getByRole('combobox', PICKER).fill('edsger@people.example');
  await staff.keyboard.press('Comma');
  await box.getByRole('button', { name: 'Change the contact Edsger Dijkstra' }).waitFor();
  await changeRole('READ_ONLY');
  await staff.getByRole('heading', { name: /Sign in/ }).waitFor();
  await signInAs(staff, 'staff@demo.example');
  await staff.getByRole('button', { name: 'Actions', exact: true }).click();
  await staff.getByRole('menuitem', { name: /Generate magic link.*Your role/ }).waitFor();
  await changeRole('STAFF');
  await staff.getByRole('heading', { name: /Sign in/ }).waitFor();
  await signInAs(staff, 'staff@demo.example');
  await box.getByRole('button', { name: 'Change the contact Edsger Dijkstra' }).waitFor();
  assert.deepEqual(staff.errors, []);
  await staff.context().close();
});

test('12,000 addresses become a job', { timeout: 180_000 }, async () => {
  await start('Invite to client portal');
  const box = inviteDialog();
  const text = Array.from({ length: MANY }, (_, index) => `many${index}@people.example`).join('\n');
  await box.locator('input[type=file]').setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from(text) });
  await box.getByRole('button', { name: 'Invite 12,000' }).click({ timeout: 120_000 });
  await box.getByRole('heading', { name: 'Inviting 12,000 contacts' }).waitFor({ timeout: 60_000 });
  await inspect(page, 'invite-jobs');
  const { bulkJobs } = await api('{ bulkJobs(first: 10) { nodes { kind total } } }');
  const invited = bulkJobs.nodes.filter(({ kind }) => kind === 'INVITE');
  assert.equal(invited.reduce((sum, { total }) => sum + total, 0), MANY);
  await box.getByRole('button', { name: 'Done' }).click();
  await until('the jobs have begun', async () => {
    const { bulkJobs: now } = await api('{ bulkJobs(first: 10) { nodes { kind done } } }');
    return now.nodes.filter(({ kind, done }) => kind === 'INVITE' && done > 0).length > 0;
  });
});

test('the page reported no errors', () => {
  assert.deepEqual(page.errors, []);
});
