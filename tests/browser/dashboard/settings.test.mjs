// The page Settings: each section saves by itself, and what is refused is shown beside its field.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';
import { DnsServer } from '../../scenario/lib/dns.mjs';
import { folder, until } from '../../scenario/lib/processes.mjs';

let dashboard;
let dns;
let dnsFolder;
let page;

before(async () => {
  dnsFolder = await folder();
  dns = new DnsServer(dnsFolder.path);
  await dns.serve([]);
  dashboard = await Dashboard.start({
    VESTIBULE_MAIL_FROM: 'portal@mail.server.example', VESTIBULE_BOUNCE_HOST: 'mx.server.example', VESTIBULE_DNS_SERVER: dns.address,
  });
  page = await dashboard.signIn('settings');
  await page.getByLabel('Name', { exact: true }).waitFor();
});

after(async () => {
  await dashboard?.stop();
  await dns?.stop();
  await dnsFolder?.remove();
});

const section = (name) => page.getByRole('form', { name });
const save = (name) => section(name).getByRole('button', { name: 'Save' }).click();
const toast = (text) => page.locator('.toast').filter({ hasText: text }).last();
const settings = async (fields) => (await dashboard.api(page, `{ portal { settings { ${fields} } } }`)).portal.settings;

test('the page has no faults on phones and desktops, light and dark', async () => {
  await inspect(page, 'settings');
});

test('the name and the time zone are saved together, and undone', async () => {
  const before = await settings('name timezone');
  await page.getByLabel('Name', { exact: true }).fill('  Ünïcode Academy مدرسة  ');
  await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
  await section('General').getByText('Unsaved changes').waitFor();
  await page.reload();
  await section('General').getByText('Unsaved changes').waitFor();
  assert.equal(await page.getByLabel('Time zone').inputValue(), 'Asia/Tokyo');
  await save('General');
  await toast('General: changes saved').waitFor();
  assert.deepEqual(await settings('name timezone'), { name: 'Ünïcode Academy مدرسة', timezone: 'Asia/Tokyo' });
  await toast('General: changes saved').getByRole('button', { name: 'Undo' }).click();
  await toast('General: changes undone').waitFor();
  assert.deepEqual(await settings('name timezone'), before);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), before.name);
});

test('an empty name is refused beside its field, and discarded', async () => {
  const { name } = await settings('name');
  await page.getByLabel('Name', { exact: true }).fill(' ');
  await save('General');
  await section('General').getByText('The name can\'t be removed.').waitFor();
  assert.ok(await page.getByLabel('Name', { exact: true }).evaluate((element) => element === document.activeElement));
  await section('General').getByRole('button', { name: 'Discard' }).click();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), name);
});

test('a color is checked and previewed before it is saved', async () => {
  const field = page.getByLabel('Color', { exact: true });
  await field.fill('#ffe');
  await section('Branding').getByText('Text on buttons is black').waitFor();
  await section('Branding').getByText('Links use the darker').waitFor();
  await page.getByRole('img', { name: 'Sign-in page', exact: true }).scrollIntoViewIfNeeded();
  await inspect(page, 'settings-branding');
  await field.fill('red');
  await field.blur();
  await section('Branding').getByRole('alert').getByText('#rrggbb').waitFor();
  await field.fill('#ffe600');
  await save('Branding');
  await toast('Branding: changes saved').waitFor();
  assert.deepEqual(await settings('accentColor'), { accentColor: '#ffe600' });
  await page.reload();
});

test('the color of the bar is checked against the first color, saved and removed', async () => {
  const field = page.getByLabel(/^Color of the bar/);
  await field.fill('#12');
  await field.blur();
  await section('Branding').getByRole('alert').getByText('#rrggbb').waitFor();
  // The first color is #ffe600.
  await field.fill('#ffffff');
  await section('Branding').getByText('Buttons don’t stand out from the bar').first().waitFor();
  assert.equal(await section('Branding').getByRole('button', { name: 'Save' }).getAttribute('aria-disabled'), 'true');
  await inspect(page, 'settings-bar');
  await field.fill('#123456');
  await section('Branding').getByText('Text on the bar is white').waitFor();
  await section('Branding').getByText('Buttons stand out from the bar').waitFor();
  await save('Branding');
  await until('it is saved', async () => (await settings('secondaryColor')).secondaryColor === '#123456');
  await page.reload();
  await field.fill('');
  await save('Branding');
  await until('it is removed', async () => (await settings('secondaryColor')).secondaryColor === null);
});

test('a logo that is no https URL is refused beside its field', async () => {
  const field = page.getByLabel(/^Logo/);
  await field.fill('http://pictures.example/logo.png');
  await section('Branding').getByText('The picture is loaded once from pictures.example').waitFor();
  await save('Branding');
  await section('Branding').getByRole('alert').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await inspect(page, 'settings-logo');
  await section('Branding').getByRole('button', { name: 'Discard' }).click();
  assert.equal(await field.inputValue(), '');
});

test('people may sign up themselves, and links of affiliates get a target', async () => {
  await page.getByRole('switch', { name: 'Let people sign up themselves' }).check();
  await page.getByText('Whoever proves an email address with a code becomes a contact.').waitFor();
  await save('Sign-in methods');
  await toast('Sign-in methods: changes saved').waitFor();
  const target = page.getByLabel(/^Where affiliate links lead/);
  await target.fill('http://shop.example');
  await save('Portal');
  await section('Portal').getByRole('alert').waitFor();
  await target.fill('shop.example/welcome');
  await save('Portal');
  await toast('Portal: changes saved').waitFor();
  assert.deepEqual(await settings('selfSignUp affiliateTargetUrl'), { selfSignUp: true, affiliateTargetUrl: 'https://shop.example/welcome' });
  await page.reload();
});

test('a sign-in method that is turned off disappears from the portal, and the last one stays', async () => {
  await page.getByRole('switch', { name: 'Passwords' }).uncheck();
  await page.getByRole('switch', { name: 'Codes by email' }).uncheck();
  await page.getByRole('switch', { name: 'Google' }).uncheck();
  assert.ok(await page.getByRole('switch', { name: 'Links by email' }).isDisabled());
  await section('Sign-in methods').getByText('The last method can’t be turned off').waitFor();
  await save('Sign-in methods');
  await toast('Sign-in methods: changes saved').waitFor();
  assert.deepEqual(await settings('linkAllowed codeAllowed passwordAllowed googleAllowed'),
    { linkAllowed: true, codeAllowed: false, passwordAllowed: false, googleAllowed: false });
  const portal = await (await dashboard.browser.newContext()).newPage();
  await portal.goto(`${dashboard.server.url}/p/demo/login`);
  await portal.getByRole('button', { name: 'Email me a sign-in link' }).waitFor();
  assert.equal(await portal.getByText('Use a password').count(), 0);
  await portal.context().close();
});

test('invitations and links follow their settings', async () => {
  await page.getByLabel('Invitations stay open for').selectOption('14');
  await page.getByRole('switch', { name: 'Limit magic links' }).check();
  await save('Links and invitations');
  await toast('Links and invitations: changes saved').waitFor();
  assert.deepEqual(await settings('invitationDays limitCopiedLinks'), { invitationDays: 14, limitCopiedLinks: true });
});

test('a reply-to address is checked, set and removed', async () => {
  const field = page.getByLabel('Reply-to address');
  await field.fill('nobody');
  await save('Email');
  await section('Email').getByRole('alert').waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await field.fill('help@acme.example');
  await save('Email');
  await toast('Reply-to address: changes saved').waitFor();
  assert.deepEqual(await settings('replyTo'), { replyTo: 'help@acme.example' });
  await toast('Reply-to address: changes saved').getByRole('button', { name: 'Undo' }).click();
  await toast('Reply-to address: changes undone').waitFor();
  assert.deepEqual(await settings('replyTo'), { replyTo: null });
});

test('the audit log is kept for a shorter time only after a question', async () => {
  await page.getByLabel('Keep the audit log for').selectOption('90');
  await save('Data');
  const dialog = page.getByRole('dialog', { name: 'Keep the audit log for a shorter time?' });
  await dialog.getByText('older than 90 days').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await settings('auditDays')).auditDays === 90, false);
  await save('Data');
  await dialog.getByRole('button', { name: 'Delete older events' }).click();
  await toast('Data: changes saved').waitFor();
  assert.deepEqual(await settings('auditDays'), { auditDays: 90 });
});

test('a section is reached from the list at the side', async () => {
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Email' }).click();
  assert.match(page.url(), /\/settings#email$/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'email-title');
});

test('a bad domain is refused beside its field', async () => {
  const { sendingDomain } = (await dashboard.api(page, '{ portal { sendingDomain { domain } } }')).portal;
  if (sendingDomain) {
    await dashboard.api(page, 'mutation ($domain: String!) { removeSendingDomain(input: { domain: $domain }) { removedDomain } }', sendingDomain);
    await page.reload();
  }
  await page.getByLabel('Your domain').fill('co.uk');
  await page.getByRole('button', { name: 'Set domain' }).click();
  await page.getByText('it is a public suffix').waitFor();
  assert.equal(await page.getByLabel('Your domain').getAttribute('aria-invalid'), 'true');
});

test('the records of a domain are shown, checked and explained', async () => {
  await page.getByLabel('Your domain').fill('acme.example');
  await page.getByRole('button', { name: 'Set domain' }).click();
  await page.getByText('Waiting for the records').waitFor();
  assert.equal(await page.getByText('Not checked', { exact: true }).count(), 4);
  await inspect(page, 'settings-domain');
  const value = (label) => page.getByLabel(label, { exact: true }).inputValue();
  const records = [];
  for (const [purpose, type] of [['DKIM', 'TXT'], ['RETURN_PATH', 'MX'], ['SPF', 'TXT']]) {
    records.push({ type, name: await value(`Name of the ${purpose} record`), value: await value(`Value of the ${purpose} record`) });
  }
  await dns.serve(records);
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Emails are signed and come from this domain').waitFor();
  assert.equal(await page.getByText('Found', { exact: true }).count(), 3);
});

test('a domain is removed after a question', async () => {
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Remove acme.example?' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('acme.example', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByLabel('Your domain').waitFor();
  assert.equal((await dashboard.api(page, '{ portal { sendingDomain { domain } } }')).portal.sendingDomain, null);
});

test('the address is changed after a question, and the dashboard moves with it', async () => {
  const field = page.getByRole('textbox', { name: 'Name in the address' });
  await field.fill('Demo_Academy');
  await page.getByText('Use 2 to 40 characters a-z and 0-9').waitFor();
  await inspect(page, 'settings-slug');
  await field.fill('demo-academy');
  await page.getByRole('button', { name: 'Change address' }).click();
  const question = page.getByRole('dialog', { name: 'Change the addresses of the portal and the dashboard?' });
  await question.getByText('The former address goes on working').waitFor();
  await inspect(page, 'settings-rename');
  await question.getByRole('button', { name: 'Change address' }).click();
  await page.waitForURL(/\/dashboard\/demo-academy\/settings$/);
  await toast('The address was changed').waitFor();
  await page.getByText('Former addresses, which lead to the present one:').waitFor();
  await page.getByRole('textbox', { name: 'Name in the address' }).fill('demo');
  await page.getByRole('button', { name: 'Change address' }).click();
  await question.getByRole('button', { name: 'Change address' }).click();
  await page.waitForURL(/\/dashboard\/demo\/settings$/);
});

test('staff see the settings, and why they can’t change them', async () => {
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  const staff = await dashboard.signIn('settings', { member: 'sam@acme.example' });
  await staff.getByText('Your role (Staff) can’t do this').first().waitFor();
  assert.ok(await staff.getByLabel('Name', { exact: true }).isDisabled());
  assert.deepEqual(staff.errors, []);
  await staff.context().close();
});

test('the page logged no error', () => {
  assert.deepEqual(page.errors, []);
});
