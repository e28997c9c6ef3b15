// Long tables: only the rows near the window are in the page, and the cursor goes through all of them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';

const COUNT = 110;
let dashboard;
let page;

const name = (number) => `Row ${String(number).padStart(3, '0')}`;
const row = (number) => page.locator('tbody tr').filter({ hasText: name(number) });
const rows = () => page.locator('tbody tr');
const bar = () => page.getByRole('region', { name: /selected rows/ });

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
  for (let at = 0; at < COUNT; at += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, n) => dashboard.api(page,
      'mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }',
      { input: { email: `row${at + n}@rows.example`, firstName: 'Row', lastName: String(at + n).padStart(3, '0') } })));
  }
  await page.goto(`${dashboard.base}/contacts?search=rows.example&order=NAME`);
  await row(0).waitFor();
});

after(async () => dashboard?.stop());

test('the cursor goes through all rows, of which few are in the page, and back', async () => {
  const last = row(COUNT - 1);
  const isCurrent = async () => await last.count() > 0 && last.evaluate((element) => element.hasAttribute('data-current'));
  // More often than there are rows only if a page of rows arrives later than the keys.
  for (let presses = 0; presses < 10 * COUNT && !(await isCurrent()); presses += 1) await page.keyboard.press('j');
  assert.equal(await last.getAttribute('aria-rowindex'), String(COUNT + 1));
  assert.ok(await last.evaluate((element) => element.hasAttribute('data-current') && element.contains(document.activeElement)));
  await rows().nth(0).filter({ hasNotText: name(0) }).waitFor();
  assert.ok(await rows().count() < COUNT);
  for (let number = 1; number < COUNT; number += 1) await page.keyboard.press('k');
  assert.ok(await row(0).evaluate((element) => element.contains(document.activeElement)));
  assert.deepEqual(page.errors, []);
});

test('the row with the cursor stays when it is scrolled out of sight, and the selection counts rows that are not in the page', async () => {
  await page.keyboard.press('x');
  await page.mouse.wheel(0, 100_000);
  await row(COUNT - 1).waitFor();
  assert.ok(await row(0).evaluate((element) => element.contains(document.activeElement)));
  await row(COUNT - 1).getByRole('checkbox').click({ modifiers: ['Shift'] });
  await bar().getByText(`${COUNT} selected`).waitFor();
  assert.ok(await rows().count() < COUNT);
  assert.deepEqual(page.errors, []);
});

test('single keys can be turned off, for this browser', async () => {
  const other = await page.context().newPage();
  const turn = async (now) => {
    await other.locator('.connection[data-state=live]').waitFor();
    await other.getByRole('banner').locator('.menu-trigger').last().click();
    const item = other.getByRole('menuitemcheckbox', { name: 'Keyboard shortcuts' });
    assert.equal(await item.getAttribute('aria-checked'), String(now));
    await item.click();
    await item.waitFor({ state: 'detached' });
    await other.evaluate(() => document.activeElement.blur());
  };
  const works = async () => {
    await other.evaluate(() => document.activeElement.blur());
    await other.keyboard.press('j');
    const moved = await other.locator('tr[data-current]').count();
    await other.evaluate(() => document.activeElement.blur());
    await other.keyboard.press('/');
    const searches = await other.evaluate(() => document.activeElement.matches('[data-search]'));
    assert.equal(moved > 0, searches);
    return searches;
  };
  await other.goto(`${dashboard.base}/contacts`);
  await turn(true);
  assert.equal(await works(), false);
  await other.reload();
  await turn(false);
  assert.equal(await works(), true);
});
