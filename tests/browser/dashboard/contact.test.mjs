// The page of one contact: what is known, what happened, and what staff can do.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { until } from '../../scenario/lib/processes.mjs';

let dashboard;

before(async () => {
  dashboard = await Dashboard.start();
});

after(async () => dashboard?.stop());

const toastOf = (page, text) => page.locator('.toast').filter({ hasText: text });
const dialog = (page) => page.locator('dialog[open]');
const heading = (page, text) => page.getByRole('heading', { level: 1, name: text });

const read = async (page, email) => (await dashboard.api(page, `query ($email: EmailAddress!) {
  contact(email: $email) { id name email firstName lastName tags phone portalStatus invitation { id status sentCount } magicLinks { nodes { id status } } sessions { nodes { id } } }
}`, { email })).contact;

const mutate = (page, name, type, input, fields) =>
  dashboard.api(page, `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, { input });

const invite = (page, contactId) => mutate(page, 'inviteContacts', 'InviteContactsInput', { contactIds: [contactId] }, 'invitations { id }');
const link = async (page, contactId) =>
  (await mutate(page, 'generateMagicLink', 'GenerateMagicLinkInput', { contactId }, 'url magicLink { id }')).generateMagicLink;

/** A page of the contact, whose id and tab are `at`. */
const open = async (email, tab = '') => {
  const page = await dashboard.signIn('contacts');
  const contact = await read(page, email);
  await page.goto(`${dashboard.base}/contacts/${contact.id}${tab && `?tab=${tab}`}`);
  await heading(page, contact.name).waitFor();
  return { page, contact };
};

/** Uses the link in a browser of its own. */
async function useLink(url) {
  const context = await dashboard.browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('button').first().click();
  await page.waitForURL((address) => !address.pathname.includes('/link/'));
  return context;
}

/** The API as anyone may call it. */
async function anyone(query, input) {
  const response = await fetch(`${dashboard.server.url}/graphql`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ query, variables: { input } }),
  });
  return (await response.json()).data;
}

/** What `pattern` finds in an email to `address` that was kept on the server. */
async function inKeptMail(address, pattern) {
  let found;
  await until(`an email with ${pattern}`, async () => {
    const names = (await readdir(dashboard.home.path, { recursive: true })).filter((name) => name.endsWith('.eml'));
    for (const name of names) {
      const mail = (await readFile(join(dashboard.home.path, name), 'utf8')).replace(/=\r?\n/g, '').replaceAll('=3D', '=');
      if (new RegExp(`^To:.*${address}`, 'm').test(mail)) found ??= pattern.exec(mail)?.[0];
    }
    return found;
  });
  return found;
}

test('the overview tells who it is and, live, what happens', async () => {
  const { page, contact } = await open('ada@people.example');
  await page.getByText('Not invited').waitFor();
  await page.getByRole('button', { name: 'Invite', exact: true }).waitFor();
  await invite(page, contact.id);
  await page.getByText('Invited to the portal').waitFor();
  await page.getByRole('button', { name: 'Resend invitation' }).waitFor();
  const made = await link(page, contact.id);
  await page.getByText('Magic link created').waitFor();
  const joined = await useLink(made.url);
  await page.getByText('Joined the portal').waitFor();
  await page.getByText('Signed in by a link').waitFor();
  await page.locator('.page-header').getByText('Joined').waitFor();
  await inspect(page, 'contact');
  await joined.close();
  assert.deepEqual(page.errors, []);
});

test('an invitation is sent again and cancelled', async () => {
  const { page, contact } = await open('grace@people.example');
  await invite(page, contact.id);
  await page.getByRole('button', { name: 'Resend invitation' }).click();
  await toastOf(page, 'The invitation was sent to Grace Hopper again').waitFor();
  assert.equal((await read(page, 'grace@people.example')).invitation.sentCount, 2);
  await page.getByText('Invitation sent again').waitFor();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Cancel invitation' }).click();
  await dialog(page).getByRole('button', { name: 'Cancel invitation' }).click();
  await toastOf(page, 'was cancelled').waitFor();
  await page.getByRole('button', { name: 'Invite again' }).first().waitFor();
  assert.equal((await read(page, 'grace@people.example')).invitation.status, 'CANCELLED');
  assert.deepEqual(page.errors, []);
});

test('messages show their state', async () => {
  const { page, contact } = await open('alan@people.example', 'messages');
  await page.getByText('No messages yet').waitFor();
  await inspect(page, 'contact-no-messages');
  await invite(page, contact.id);
  await page.getByRole('cell', { name: 'Kept on this server' }).waitFor();
  await page.getByText('alan@people.example').first().waitFor();
  await inspect(page, 'contact-messages');
  assert.deepEqual(page.errors, []);
});

test('a magic link is revoked', async () => {
  const { page, contact } = await open('katherine@people.example', 'links');
  await page.getByText('No links yet').waitFor();
  await link(page, contact.id);
  await page.getByRole('button', { name: 'Revoke' }).waitFor();
  await inspect(page, 'contact-links');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await dialog(page).getByRole('button', { name: 'Revoke' }).click();
  await toastOf(page, 'The link was revoked').waitFor();
  await page.getByRole('cell', { name: 'Revoked' }).waitFor();
  assert.equal((await read(page, 'katherine@people.example')).magicLinks.nodes[0].status, 'REVOKED');
  assert.deepEqual(page.errors, []);
});

test('a session is ended', async () => {
  const { page, contact } = await open('edsger@people.example', 'sessions');
  await page.getByText('Not signed in').waitFor();
  const context = await useLink((await link(page, contact.id)).url);
  await page.getByRole('button', { name: 'End session' }).waitFor();
  await inspect(page, 'contact-sessions');
  await page.getByRole('button', { name: 'End session' }).click();
  await dialog(page).getByRole('button', { name: 'End session' }).click();
  await toastOf(page, 'The session was ended').waitFor();
  await page.getByText('Not signed in').waitFor();
  assert.deepEqual((await read(page, 'edsger@people.example')).sessions.nodes, []);
  await context.close();
  assert.deepEqual(page.errors, []);
});

test('a link that a program used first is told apart from a sign-in', async () => {
  const { page, contact } = await open('edsger@people.example');
  const token = (await link(page, contact.id)).url.split('/link/')[1];
  const redeem = async () => {
    const { signInWithMagicLink } = await anyone('mutation ($input: SignInWithMagicLinkInput!) { signInWithMagicLink(input: $input) { refusal { reason } } }', { token });
    return signInWithMagicLink.refusal === null;
  };
  assert.ok(await redeem());
  await page.getByText('Signed in by a link').first().waitFor();
  await until('the link can be used once more', redeem);
  await page.getByText('A link was opened, but no one signed in').waitFor();
  await page.getByText('Probably a mail scanner used the link first').waitFor();
  await inspect(page, 'contact-scanner');
  assert.deepEqual(page.errors, []);
});

test('email that the reader stopped is resumed', async () => {
  const { page } = await open('katherine@people.example');
  const banner = page.locator('.banner').filter({ hasText: 'Email to this address is paused.' });
  await anyone('mutation ($input: RequestLoginEmailInput!) { requestLoginEmail(input: $input) { __typename } }', {
    portal: 'demo', email: 'katherine@people.example',
  });
  const reader = await (await dashboard.browser.newContext()).newPage();
  await reader.goto(await inKeptMail('katherine@people.example', /http:\S+\/not-me\/[\w-]+/));
  await reader.getByRole('button').click();
  await banner.waitFor();
  await page.getByRole('button', { name: 'Send login email' }).hover();
  await page.getByRole('tooltip').filter({ hasText: 'Resume it first', visible: true }).waitFor();
  await inspect(page, 'contact-suppressed');
  await banner.getByRole('button', { name: 'Resume email' }).click();
  await dialog(page).getByRole('button', { name: 'Resume email' }).click();
  await toastOf(page, 'Email to Katherine Johnson is sent again').waitFor();
  await banner.waitFor({ state: 'detached' });
  await reader.context().close();
  assert.deepEqual(page.errors, []);
});

test('after a STOP nothing resumes text messages but the contact', async () => {
  const page = await dashboard.signIn();
  const input = { email: 'stella@people.example', firstName: 'Stella', phone: '+4915112345690' };
  const { createContact } = await mutate(page, 'createContact', 'CreateContactInput', input, 'contact { id }');
  await dashboard.stopTexts(input.phone);
  await page.goto(`${dashboard.base}/contacts/${createContact.contact.id}`);
  await page.getByText('Text messages stopped.').waitFor();
  await page.getByText(/Only they can lift this, by answering START/).waitFor();
  assert.equal(await page.getByRole('button', { name: /resume/i }).count(), 0);
  await inspect(page, 'contact-stopped');
  // Email goes on.
  await page.getByRole('button', { name: 'Login email' }).click();
  await dialog(page).getByText('1 login email will be sent').waitFor();
  assert.deepEqual(page.errors, []);
});

test('a contact is unsubscribed from marketing emails, and back only if they ask', async () => {
  const { page, contact } = await open('ada@people.example');
  const unsubscribedAt = async () => (await dashboard.api(page, 'query ($id: ID!) { contact(id: $id) { unsubscribedAt } }', { id: contact.id })).contact.unsubscribedAt;
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await toastOf(page, 'Ada Lovelace gets no marketing emails').waitFor();
  await page.getByText('Unsubscribed', { exact: true }).waitFor();
  assert.notEqual(await unsubscribedAt(), null);
  await inspect(page, 'contact-unsubscribed');
  await page.getByRole('button', { name: 'Subscribe again' }).click();
  await dialog(page).getByText(/Only if they ask you to/).waitFor();
  await dialog(page).getByRole('button', { name: 'Subscribe again' }).click();
  await page.getByText('Subscribed', { exact: true }).waitFor();
  assert.equal(await unsubscribedAt(), null);
  assert.deepEqual(page.errors, []);
});

test('details are changed, and what is typed survives a reload', async () => {
  const { page } = await open('barbara@people.example', 'details');
  await page.getByLabel('First name').fill('Barb');
  await page.getByLabel('Phone').fill('nonsense');
  await page.getByText('You have unsaved changes.').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/not a phone number/).waitFor();
  await inspect(page, 'contact-details');
  await page.reload();
  assert.equal(await page.getByLabel('First name').inputValue(), 'Barb');
  await page.getByLabel('Phone').fill('+1 202 555 0123');
  await page.getByRole('button', { name: 'Remove course' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await toastOf(page, 'was saved').waitFor();
  await heading(page, 'Barb Liskov').waitFor();
  const { firstName, phone, tags } = await read(page, 'barbara@people.example');
  assert.deepEqual({ firstName, phone, tags }, { firstName: 'Barb', phone: '+12025550123', tags: [] });
  assert.equal(await page.getByText('You have unsaved changes.').count(), 0);
  await page.getByLabel('First name').fill('Other');
  await page.getByRole('button', { name: 'Discard changes' }).click();
  assert.equal(await page.getByLabel('First name').inputValue(), 'Barb');
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Details changed' }).getByText('First name, Phone, Tags').waitFor();
  assert.deepEqual(page.errors, []);
});

test('a change by someone else is never overwritten unseen', async () => {
  const { page, contact } = await open('donald@people.example', 'details');
  await page.getByLabel('First name').fill('Don');
  await page.getByLabel('Last name').fill('K.');
  await mutate(page, 'updateContact', 'UpdateContactInput', { contactId: contact.id, firstName: 'Donny', tags: ['author'] }, 'contact { id }');
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('This contact was changed meanwhile').waitFor();
  await dialog(page).getByRole('group', { name: 'First name' }).getByText('Donny').waitFor();
  assert.ok(await dialog(page).getByRole('group', { name: 'Tags' }).getByLabel('Take theirs').isChecked());
  await inspect(page, 'contact-conflict');
  await dialog(page).getByRole('group', { name: 'First name' }).getByLabel('Take theirs').check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await toastOf(page, 'was saved').waitFor();
  const { firstName, lastName, tags } = await read(page, 'donald@people.example');
  assert.deepEqual({ firstName, lastName, tags }, { firstName: 'Donny', lastName: 'K.', tags: ['author'] });
  assert.deepEqual(page.errors, []);
});

const more = async (page, item) => {
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('two contacts that are one person are merged after a dry run, and can be swapped', async () => {
  const { page, contact } = await open('barbara@people.example');
  const { createContact } = await mutate(page, 'createContact', 'CreateContactInput', { email: 'maggie@people.example', firstName: 'Maggie', phone: '+4915112345678' }, 'contact { id }');
  await invite(page, createContact.contact.id);
  await more(page, 'Merge with another contact');
  await inspect(page, 'contact-merge-search');
  await dialog(page).getByRole('combobox', { name: 'The other contact' }).fill(contact.email);
  await dialog(page).getByText('No contact was found.').waitFor();
  await dialog(page).getByRole('combobox', { name: 'The other contact' }).fill('maggie');
  await dialog(page).getByRole('option', { name: /Maggie/ }).waitFor();
  await page.keyboard.press('Enter');
  await dialog(page).getByText('These move to the contact that stays:').waitFor();
  await dialog(page).getByText('The person signs in with barbara@people.example from now on.').waitFor();
  await inspect(page, 'contact-merge');
  await dialog(page).getByRole('button', { name: 'Swap' }).click();
  await dialog(page).getByText('The person signs in with maggie@people.example from now on.').waitFor();
  await dialog(page).getByRole('button', { name: 'Merge contacts' }).click();
  await toastOf(page, `${contact.name} was merged into Maggie`).waitFor();
  await page.waitForURL(new RegExp(`/contacts/${createContact.contact.id}$`));
  await heading(page, 'Maggie').waitFor();
  assert.equal(await read(page, 'barbara@people.example'), null);
  assert.deepEqual(page.errors, []);
});

test('the portal is viewed as the contact in a tab of its own', async () => {
  const { page } = await open('ada@people.example');
  await more(page, 'View portal as this contact');
  await dialog(page).getByText('It is read-only').waitFor();
  await inspect(page, 'contact-view-as');
  const opened = page.context().waitForEvent('page');
  await dialog(page).getByRole('button', { name: 'Open portal' }).click();
  const portal = await opened;
  await portal.waitForURL(/\/p\/demo\//);
  assert.equal(await portal.evaluate(() => globalThis.opener), null);
  await dialog(page).waitFor({ state: 'detached' });
  await portal.close();
  assert.deepEqual(page.errors, []);
});

test('the data of a contact is exported as a file', async () => {
  const { page } = await open('ada@people.example');
  const saved = page.waitForEvent('download');
  await more(page, 'Export personal data');
  const file = await saved;
  assert.match(file.suggestedFilename(), /\.json$/);
  JSON.parse(await readFile(await file.path(), 'utf8'));
  await toastOf(page, 'The data of Ada Lovelace was exported').waitFor();
  assert.deepEqual(page.errors, []);
});

test('a contact’s data is erased by typing its address', async () => {
  const { page } = await open('ada@people.example');
  await mutate(page, 'createContact', 'CreateContactInput', { email: 'leaving@people.example', firstName: 'Lea' }, 'contact { id }');
  const { id } = await read(page, 'leaving@people.example');
  await page.goto(`${dashboard.base}/contacts/${id}`);
  await more(page, 'Erase personal data');
  await dialog(page).getByText('erasing keeps nothing personal').waitFor();
  await inspect(page, 'contact-erase');
  assert.ok(await dialog(page).getByRole('button', { name: 'Erase for good' }).isDisabled());
  await dialog(page).getByRole('textbox').fill('leaving@people.example');
  await dialog(page).getByRole('button', { name: 'Erase for good' }).click();
  await toastOf(page, 'The contact’s data was erased').waitFor();
  await page.waitForURL(/\/contacts$/);
  assert.equal(await read(page, 'leaving@people.example'), null);
  assert.deepEqual(page.errors, []);
});

test('staff merge contacts, and see why they can’t view, export or erase', async () => {
  const { page, contact } = await open('ada@people.example');
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "stella@acme.example", role: STAFF }) { teamMember { id } } }');
  const staff = await dashboard.signIn(`contacts/${contact.id}`, { member: 'stella@acme.example' });
  await staff.getByRole('button', { name: 'More actions' }).click();
  const disabled = (name) => staff.getByRole('menuitem', { name }).getAttribute('aria-disabled');
  for (const name of ['View portal as this contact', 'Export personal data', 'Erase personal data']) assert.equal(await disabled(name), 'true');
  assert.equal(await disabled('Merge with another contact'), null);
  await staff.getByText('Your role (Staff) can’t do this.').first().waitFor();
  await inspect(staff, 'contact-menu-staff');
  await staff.context().close();
});

test('the timeline names what an event is about', async () => {
  const { page, contact } = await open('grace@people.example');
  const { createCourse } = await mutate(page, 'createCourse', 'CreateCourseInput', { title: 'Compilers', status: 'PUBLISHED' }, 'course { id }');
  await mutate(page, 'assignCourses', 'AssignCoursesInput', { contactId: contact.id, add: [createCourse.course.id] }, 'count');
  await page.locator('.timeline-entry').filter({ hasText: 'Granted a course' }).getByRole('link').first().waitFor();
  await inspect(page, 'contact-timeline');
  await page.locator('.timeline-entry').filter({ hasText: 'Granted a course' }).getByRole('link', { name: 'Compilers' }).click();
  await page.waitForURL(new RegExp(`/courses/${createCourse.course.id}$`));
  assert.deepEqual(page.errors, []);
});

test('another address explains its consequences first', async () => {
  const { page, contact } = await open('donald@people.example', 'details');
  await page.getByLabel('Email').fill('grace@people.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByText('The old address is notified by email.').waitFor();
  await inspect(page, 'contact-address');
  await dialog(page).getByRole('button', { name: 'Change address' }).click();
  await page.getByText('Another contact of this account has that address.').waitFor();
  await page.getByLabel('Email').fill('knuth@people.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await dialog(page).getByRole('button', { name: 'Change address' }).click();
  await toastOf(page, 'was saved').waitFor();
  assert.equal((await read(page, 'knuth@people.example')).id, contact.id);
  assert.deepEqual(page.errors, []);
});

test('access is revoked and restored, and a contact deleted by typing its address', async () => {
  const { page, contact } = await open('radia@people.example');
  await more(page, 'Revoke access');
  await dialog(page).getByLabel('Reason').fill('Left');
  await dialog(page).getByRole('button', { name: 'Revoke access' }).click();
  await page.getByText('Access to the portal is revoked.').waitFor();
  assert.equal((await read(page, 'radia@people.example')).portalStatus, 'REVOKED');
  await page.getByRole('button', { name: 'Invite' }).first().hover();
  await page.getByRole('tooltip').filter({ hasText: 'Restore it first', visible: true }).waitFor();
  await inspect(page, 'contact-revoked');
  await page.locator('.banner').getByRole('button', { name: 'Restore access' }).click();
  await toastOf(page, 'Radia Perlman can sign in again').waitFor();
  await page.locator('.banner').filter({ hasText: 'Access to the portal is revoked.' }).waitFor({ state: 'detached' });

  await more(page, 'Delete contact');
  await inspect(page, 'contact-delete');
  assert.ok(await dialog(page).getByRole('button', { name: 'Delete contact' }).isDisabled());
  await dialog(page).getByRole('textbox').fill('radia@people.example');
  await dialog(page).getByRole('button', { name: 'Delete contact' }).click();
  await toastOf(page, 'Radia Perlman was deleted').waitFor();
  await page.waitForURL(/\/contacts$/);
  await page.getByRole('cell', { name: /Radia/ }).waitFor({ state: 'detached' });
  assert.equal(await read(page, 'radia@people.example'), null);
  await page.goto(`${dashboard.base}/contacts/${contact.id}`);
  await page.getByText('This contact doesn’t exist').waitFor();
  assert.deepEqual(page.errors, []);
});
