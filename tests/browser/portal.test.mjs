// The portal in a real browser: from the staff link to a contact who has joined, with live counts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { folder, Server } from '../scenario/lib/processes.mjs';
import { invite } from './lib/invite.mjs';

const LOCAL_HOSTS = new Set(['127.0.0.1', 'localhost']);
let home;
let server;
let browser;
let staff;
let staffPage;

async function context(options = {}) {
  const created = await browser.newContext(options);
  created.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http')) assert.ok(LOCAL_HOSTS.has(hostname), `a request went to ${hostname}`);
  });
  return created;
}

async function screenshot(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
}

before(async () => {
  home = await folder();
  server = await new Server(home.path).start('--demo');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  staff = await context();
  staffPage = await staff.newPage();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await home?.remove();
});

// Waits for a count on the dashboard, without a reload.
const waitForCount = (name, value) => staffPage.locator(`[data-count=${name}] .count-value`).filter({ hasText: new RegExp(`^${value}$`) }).waitFor();

// The link in the newest email to an address, from the outbox pages of the dashboard.
async function emailedLink(address, nth = 0) {
  const page = await staff.newPage();
  let link;
  for (let attempts = 0; attempts < 50 && !link; attempts += 1) {
    await page.goto(`${server.url}/dashboard/demo/outbox`);
    const rows = page.getByRole('row').filter({ hasText: address }).or(page.getByRole('listitem').filter({ hasText: address }));
    if ((await rows.count()) > nth) {
      await rows.first().getByRole('link').first().click();
      link = await page.locator('a[href*="/link/"]').first().getAttribute('href');
    } else {
      await page.waitForTimeout(100);
    }
  }
  await screenshot(page, 'outbox-mail');
  await page.close();
  assert.ok(link, `an email to ${address} with a link`);
  return link;
}

test('a staff link opens the dashboard with one click', async () => {
  const url = /http\S+\/dashboard\/link\/\S+/.exec(server.output)[0];
  await staffPage.goto(url);
  await screenshot(staffPage, 'staff-link');
  await staffPage.getByRole('button').click();
  await staffPage.waitForURL(/\/dashboard\/demo$/);
  await staffPage.getByText('Demo Academy').first().waitFor();
  await screenshot(staffPage, 'dashboard');
  await staffPage.goto(url);
  await staffPage.getByText(/already used/i).waitFor();
});

test('an invited contact joins with the emailed link, without JavaScript, and is counted live', async () => {
  await staffPage.goto(`${server.url}/dashboard/demo`);
  await invite(staffPage, server, 'zoe@people.example');
  await waitForCount('invited', 1);
  await screenshot(staffPage, 'dashboard-invited');
  const link = await emailedLink('zoe@people.example');

  const person = await context({ javaScriptEnabled: false });
  const page = await person.newPage();
  await page.goto(link);
  await screenshot(page, 'link');
  await page.getByRole('button').click();
  await page.waitForURL(/\/p\/demo$/);
  await page.getByText('It’s quiet here').waitFor();
  await screenshot(page, 'portal-home');
  await waitForCount('active', 1);
  await waitForCount('invited', 0);
  await screenshot(staffPage, 'dashboard-joined');

  const other = await context({ javaScriptEnabled: false });
  const visitor = await other.newPage();
  await visitor.goto(link);
  await screenshot(visitor, 'link-used');
  await visitor.getByRole('button', { name: /fresh|new link|mail/i }).click();
  await screenshot(visitor, 'fresh-sent');
  const fresh = await emailedLink('zoe@people.example', 1);
  assert.notEqual(fresh, link);
  await visitor.goto(fresh);
  await visitor.getByRole('button').click();
  await visitor.waitForURL(/\/p\/demo$/);

  await invite(staffPage, server, 'max@people.example');
  const second = await emailedLink('max@people.example');
  await visitor.goto(second);
  await screenshot(visitor, 'switch');
  await visitor.getByText(/zoe@people\.example/).first().waitFor();
  await visitor.getByRole('button').first().click();
  await visitor.waitForURL(/\/p\/demo$/);
  await visitor.getByText(/max@people\.example/).first().waitFor();
  await person.close();
  await other.close();
});

test('requesting a login email reveals nothing about the address', async () => {
  const person = await context({ javaScriptEnabled: false });
  const page = await person.newPage();
  const answers = [];
  for (const address of ['ada@people.example', 'nobody@people.example']) {
    await page.goto(`${server.url}/p/demo/login`);
    await page.getByLabel('Email address').fill(address);
    await page.getByRole('button', { name: /email me/i }).click();
    const text = await page.locator('main').innerText();
    answers.push(text.replaceAll(address, '…').replace(/^\d\d$/m, '##').replace(/Resend in \d+ s/, 'Resend'));
  }
  assert.equal(answers[0], answers[1]);
  await page.goto(await emailedLink('ada@people.example'));
  await page.getByRole('button').click();
  // This browser has requested a login for another address since, so it is no longer the requesting device of the link.
  await page.getByRole('link', { name: 'Continue only on this device' }).click();
  await page.waitForURL(/\/p\/demo$/);
  await person.close();
});

test('the playground loads without requests to other hosts', async () => {
  const page = await staff.newPage();
  const pageErrors = [];
  page.on('pageerror', (error) => pageErrors.push(error.message));
  await page.goto(`${server.url}/graphiql?account=demo`);
  await page.getByRole('button', { name: /execute/i }).waitFor();
  await screenshot(page, 'playground');
  assert.deepEqual(pageErrors, []);
  await page.close();
});
