// An open dashboard through a restart of the server and without a network: it says so, and comes back right without a reload.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';
import { invite } from '../lib/invite.mjs';

let dashboard;
let page;
let other;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
  other = await dashboard.signIn();
  // A reload would lose this.
  await page.evaluate(() => { globalThis.kept = true; });
});

after(() => dashboard?.stop());

const count = (name, value) =>
  page.locator(`[data-count=${name}] .count-value`).filter({ hasText: new RegExp(`^${value}$`) }).waitFor();
const state = (name) => page.locator(`.connection[data-state=${name}]`).waitFor({ timeout: 60_000 });

test('after a restart of the server the counts, the feed and other pages are right', async () => {
  await count('invited', 0);
  await dashboard.server.stop();
  await page.getByText('Connection lost. Reconnecting').waitFor();
  await dashboard.server.start();
  await state('live');
  await invite(other, dashboard.server, 'after@people.example');
  await count('invited', 1);
  await page.getByText('after@people.example').first().waitFor();
  await page.getByRole('link', { name: 'Contacts', exact: true }).click();
  await page.getByRole('row').filter({ hasText: 'after@people.example' }).waitFor();
  assert.ok(await page.evaluate(() => globalThis.kept), 'without a reload');
});

test('what happened while the network was away is shown once it is back', async () => {
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await count('invited', 1);
  await page.context().setOffline(true);
  // Open sockets survive playwright's offline mode: it is noticed by the missing pong, or when the server ends them.
  await dashboard.server.stop();
  await state('waiting');
  await dashboard.server.start();
  await invite(other, dashboard.server, 'meanwhile@people.example');
  assert.equal(await page.locator('[data-count=invited] .count-value').innerText(), '1');
  await page.context().setOffline(false);
  await state('live');
  await count('invited', 2);
  await page.getByText('meanwhile@people.example').first().waitFor();
  assert.ok(await page.evaluate(() => globalThis.kept), 'without a reload');
  assert.deepEqual(page.errors, []);
});
