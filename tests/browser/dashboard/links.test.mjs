// The page of magic links and custom menu links.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const GENERATE = 'mutation($input: GenerateMagicLinkInput!) { generateMagicLink(input: $input) { url magicLink { id } } }';

let dashboard;
let page;

const api = (query, variables) => dashboard.api(page, query, variables);
const row = (name) => page.getByRole('row').filter({ hasText: name });

async function generate(email, more = {}) {
  const { contact } = await api('query($email: EmailAddress!) { contact(email: $email) { id } }', { email });
  return (await api(GENERATE, { input: { contactId: contact.id, ...more } })).generateMagicLink;
}

const statusOf = async (id) => (await api('query($id: ID!) { node(id: $id) { ... on MagicLink { status } } }', { id })).node.status;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn('links');
});

after(() => dashboard.stop());

test('without links, the page says how they come about', async () => {
  await page.getByRole('heading', { name: 'No live links' }).waitFor();
  await inspect(page, 'links-empty');
  await page.getByRole('main').getByRole('button', { name: 'Generate magic link' }).first().click();
  await page.getByRole('dialog', { name: 'Generate magic link' }).waitFor();
  await page.keyboard.press('Escape');
});

test('a link that is generated elsewhere is announced, with its maker, section and expiry', async () => {
  await generate('ada@people.example', { section: 'COURSES', expiresInMinutes: 30 });
  await row('Ada Lovelace').getByText('Courses').waitFor();
  await row('Ada Lovelace').getByText(/Expires in/).waitFor();
  await generate('grace@people.example', { expiresInMinutes: 1440 });
  await page.getByRole('button', { name: '1 new' }).click();
  await row('Grace Hopper').waitFor();
  await inspect(page, 'links');
});

test('a link is revoked after a confirmation, and is found among the revoked ones', async () => {
  const { magicLink } = await generate('alan@people.example');
  await page.getByRole('button', { name: '1 new' }).click();
  await row('Alan Turing').getByRole('button', { name: 'Revoke' }).click();
  const confirm = page.getByRole('dialog', { name: 'Revoke this link?' });
  await inspect(page, 'links-revoke');
  await confirm.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('The link of Alan Turing no longer works.').waitFor();
  await row('Alan Turing').waitFor({ state: 'detached' });
  assert.equal(await statusOf(magicLink.id), 'REVOKED');
  await page.getByRole('tab', { name: 'Revoked' }).click();
  await row('Alan Turing').waitFor();
});

test('used and replaced links have tabs of their own, which the address keeps', async () => {
  const first = await generate('barbara@people.example');
  const second = await generate('barbara@people.example', { replaces: first.magicLink.id });
  const context = await dashboard.browser.newContext({ javaScriptEnabled: false });
  const portal = await context.newPage();
  await portal.goto(second.url);
  await portal.getByRole('button').first().click();
  await portal.waitForURL(/\/p\/demo/);
  await context.close();

  await page.getByRole('tab', { name: 'Used' }).click();
  await row('Barbara Liskov').waitFor();
  await inspect(page, 'links-used');
  await page.getByRole('tab', { name: 'Replaced' }).click();
  await row('Barbara Liskov').waitFor();
  await page.reload();
  assert.equal(await page.getByRole('tab', { name: 'Replaced' }).getAttribute('aria-selected'), 'true');
  await row('Barbara Liskov').waitFor();
});

test('the links of one contact can be shown alone', async () => {
  const { contact } = await api('{ contact(email: "grace@people.example") { id } }');
  await page.goto(`${dashboard.base}/links?contact=${contact.id}`);
  await row('Grace Hopper').waitFor();
  assert.equal(await row('Ada Lovelace').count(), 0);
  await page.getByRole('button', { name: 'Remove Grace Hopper' }).click();
  await row('Ada Lovelace').waitFor();
});

test('the custom menu links are explained and can be copied', async () => {
  await page.getByRole('tab', { name: 'Custom menu' }).click();
  await page.getByText(/They hold no credential/).waitFor();
  assert.match(await page.getByRole('textbox', { name: 'Communities link' }).inputValue(), /\/p\/demo\/communities$/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy Courses link' }).click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/p\/demo\/courses$/);
  await inspect(page, 'links-menu');
});

test('on a phone, tabs fade where more can be scrolled to, and the current one is in sight', async () => {
  await page.setViewportSize({ width: 360, height: 800 });
  const tabs = page.getByRole('tablist');
  const inSight = (name) => page.getByRole('tab', { name }).evaluate((tab) => {
    const [inner, outer] = [tab.getBoundingClientRect(), tab.parentElement.getBoundingClientRect()];
    return inner.left >= outer.left && inner.right <= outer.right;
  });
  const more = (sides) => page.locator(`.tabs[data-more="${sides}"]`).waitFor();
  await page.goto(`${dashboard.base}/links`);
  await more('after');
  await page.goto(`${dashboard.base}/links?tab=SUPERSEDED`);
  await more('before after');
  assert.ok(await inSight('Replaced'));
  await inspect(page, 'links-tabs');
  await page.setViewportSize({ width: 360, height: 800 });
  await page.getByRole('tab', { name: 'Replaced' }).press('End');
  await more('before');
  assert.ok(await inSight('Custom menu'));
  await tabs.getByRole('tab', { name: 'Custom menu' }).press('Home');
  await more('after');
  assert.ok(await inSight('Live'));
  await page.setViewportSize({ width: 1280, height: 800 });
  await more('');
});

test('the page reported no errors', () => {
  assert.deepEqual(page.errors, []);
});
