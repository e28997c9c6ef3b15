// Every sign-in method in real browsers without JavaScript, a sign-in that one browser requests and another confirms, and an
// attacker who requests a login email for a contact.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { folder, freePort, Server } from '../scenario/lib/processes.mjs';
import { CLIENT, Issuer } from '../clients/lib/issuer.mjs';
import { invite } from './lib/invite.mjs';

const PASSWORD = 'three green elephants';
const ADA = 'ada@people.example';
let home;
let server;
let issuer;
let browser;
let staff;

async function newPage(options = { javaScriptEnabled: false }) {
  const context = await browser.newContext(options);
  return context.newPage();
}

async function screenshot(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
}

before(async () => {
  home = await folder();
  const port = await freePort();
  issuer = await new Issuer().start(`http://127.0.0.1:${port}/auth/google/callback`);
  issuer.people.set('ada', { email: ADA, email_verified: true });
  issuer.current = 'ada';
  server = new Server(home.path, {
    GOOGLE_CLIENT_ID: CLIENT.id, GOOGLE_CLIENT_SECRET: CLIENT.secret, GOOGLE_ISSUER: issuer.url,
  });
  server.port = port;
  await server.start('--demo');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  staff = await newPage({});
  await staff.goto(/http\S+\/dashboard\/link\/\S+/.exec(server.output)[0]);
  await staff.getByRole('button').click();
  await staff.waitForURL(/\/dashboard\/demo$/);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await issuer?.stop();
  await home?.remove();
});

// The text of the newest email to an address, once there are more than `readCount`.
let readCount = 0;
async function newestEmail(address) {
  const page = await staff.context().newPage();
  try {
    for (let attempts = 0; attempts < 100; attempts += 1) {
      await page.goto(`${server.url}/dashboard/demo/outbox`);
      const rows = page.getByRole('row').filter({ hasText: address });
      if ((await rows.count()) > readCount) {
        readCount = await rows.count();
        await rows.first().getByRole('link').first().click();
        return await page.locator('main').innerText();
      }
      await page.waitForTimeout(100);
    }
  } finally {
    await page.close();
  }
  throw new Error(`no new email to ${address}`);
}

const linkIn = (mail) => /http\S+\/p\/demo\/link\/\S+/.exec(mail)[0];
const codeIn = (mail) => /\b(\d{3} \d{3})\b/.exec(mail)[1];

// An address gets at most one login email a minute, so each test requests one for another contact.
async function requestLogin(page, address) {
  readCount = 0;
  await page.goto(`${server.url}/p/demo/login`);
  await page.getByLabel('Email address').fill(address);
  await page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  await page.waitForURL(/\/login\/wait$/);
}

async function invited(address) {
  await invite(staff, server, address);
  readCount = 0;
  return linkIn(await newestEmail(address));
}

async function join(address) {
  const page = await newPage();
  await page.goto(await invited(address));
  await page.getByRole('button').click();
  await page.waitForURL(/\/p\/demo$/);
  return page;
}

const HOME = /\/p\/demo\/?$/;

test('an invited contact is offered a password, sets one, and signs in with it', async () => {
  const page = await join('pia@people.example');
  await page.getByRole('link', { name: 'set a password' }).click();
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('This password is too short.').waitFor();
  await screenshot(page, 'profile-refused');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your password is saved.').waitFor();
  await screenshot(page, 'profile');

  const other = await newPage();
  await other.goto(`${server.url}/p/demo/login`);
  await screenshot(other, 'login');
  await other.getByRole('link', { name: 'Use a password' }).click();
  await other.getByLabel('Email address').fill('pia@people.example');
  await other.getByLabel('Password').fill('wrong');
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByText('Wrong email or password').waitFor();
  await screenshot(other, 'login-password-wrong');
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.waitForURL(HOME);

  await page.goto(`${server.url}/p/demo/profile`);
  assert.equal(await page.getByRole('button', { name: 'End', exact: true }).count(), 1);
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.waitForURL(/profile$/);
  assert.equal(await page.getByRole('button', { name: 'End', exact: true }).count(), 0);
  await other.goto(`${server.url}/p/demo`);
  await other.waitForURL(/\/login$/);
});

test('a forgotten password is reset by email, which does not sign in', async () => {
  const page = await newPage();
  await page.goto(`${server.url}/p/demo/login/password`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email address').fill('pia@people.example');
  readCount = await emailCount('pia@people.example');
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await page.getByText(/can sign in here/).waitFor();
  const mail = await newestEmail('pia@people.example');
  await page.goto(/http\S+\/p\/demo\/reset\/\S+/.exec(mail)[0]);
  await screenshot(page, 'reset');
  await page.getByLabel('New password').fill('seven quiet lighthouses');
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByText('Your password is saved').first().waitFor();
  await page.goto(`${server.url}/p/demo`);
  await page.waitForURL(/\/login$/);
});

async function emailCount(address) {
  const page = await staff.context().newPage();
  await page.goto(`${server.url}/dashboard/demo/outbox`);
  const count = await page.getByRole('row').filter({ hasText: address }).count();
  await page.close();
  return count;
}

test('the requesting device signs in with the emailed code', async () => {
  await join('cora@people.example');
  const page = await newPage();
  await requestLogin(page, 'cora@people.example');
  await screenshot(page, 'login-wait');
  readCount = 1;
  const mail = await newestEmail('cora@people.example');
  await page.getByLabel('Code from the email').fill('000 000');
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await page.getByText('This code is wrong.').waitFor();
  await page.getByLabel('Code from the email').fill(codeIn(mail));
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await page.waitForURL(HOME);
});

test('one browser requests, another opens the link and chooses the number, and both are signed in', async () => {
  await join('tess@people.example');
  const requesting = await newPage({ javaScriptEnabled: true });
  await requestLogin(requesting, 'tess@people.example');
  const number = (await requesting.locator('.number').innerText()).trim();
  readCount = 1;
  const link = linkIn(await newestEmail('tess@people.example'));
  const confirming = await newPage();
  await confirming.goto(link);
  await confirming.getByRole('button').click();
  await confirming.getByText(/another device\?/).waitFor();
  await screenshot(confirming, 'login-confirm');
  await confirming.getByRole('button', { name: number, exact: true }).click();
  await confirming.getByText('The other device is signed in').waitFor();
  // The requesting page updates by itself.
  await requesting.getByRole('button', { name: 'Continue' }).click();
  await requesting.waitForURL(HOME);
  await confirming.goto(`${server.url}/p/demo`);
  await confirming.waitForURL(HOME);
});

test('an attacker who requests a login email is not signed in when the contact opens the link', async () => {
  await join('vera@people.example');
  const attacker = await newPage();
  await requestLogin(attacker, 'vera@people.example');
  readCount = 1;
  const victim = await newPage();
  await victim.goto(linkIn(await newestEmail('vera@people.example')));
  await victim.getByRole('button').click();
  await victim.getByRole('link', { name: 'Continue only on this device' }).click();
  await victim.waitForURL(HOME);
  await attacker.goto(`${server.url}/p/demo/login/wait`);
  assert.equal(await attacker.getByRole('button', { name: 'Continue' }).count(), 0);
  await attacker.goto(`${server.url}/p/demo`);
  await attacker.waitForURL(/\/login$/);
});

test('the requesting browser may open the link itself, without a confirmation', async () => {
  await join('sam@people.example');
  const page = await newPage();
  await requestLogin(page, 'sam@people.example');
  readCount = 1;
  await page.goto(linkIn(await newestEmail('sam@people.example')));
  await page.getByRole('button').click();
  await page.waitForURL(HOME);
});

test('Google signs in the contact with the verified address', async () => {
  const page = await newPage();
  await page.goto(`${server.url}/p/demo/login?section=COURSES`);
  await page.getByRole('link', { name: 'Continue with Google' }).click();
  await page.waitForURL(/\/p\/demo\/courses$/);
  await page.getByText(/Ada|ada@people/).first().waitFor();
});

test('a team member signs in to the dashboard by code', async () => {
  const owner = JSON.parse(await server.command('demo')).ownerSignInUrl;
  assert.ok(owner);
  const page = await newPage();
  await page.goto(`${server.url}/dashboard/demo/login`);
  await screenshot(page, 'dashboard-login');
  await page.getByLabel('Email address').fill('nobody@people.example');
  await page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  await page.waitForURL(/\/dashboard\/demo\/login\/wait$/);
  await page.getByLabel('Code from the email').fill('000000');
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await page.getByText('This code is wrong.').waitFor();
});
