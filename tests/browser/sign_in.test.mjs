// Every way in, in real browsers and without JavaScript; two browsers, of which one finishes what the other asked for; and an
// attacker who asks for somebody's mail.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { folder, freePort, Server } from '../scenario/lib/processes.mjs';
import { CLIENT, Issuer } from '../clients/lib/issuer.mjs';

const PASSWORD = 'three green elephants';
const ADA = 'ada@people.example';
let home;
let server;
let issuer;
let browser;
let staff;

async function visitor(options = { javaScriptEnabled: false }) {
  const made = await browser.newContext(options);
  return made.newPage();
}

async function shot(page, name) {
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
  staff = await visitor({});
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

// The words of the newest mail to an address, once there are more than `before`.
let read = 0;
async function newestMail(address) {
  const page = await staff.context().newPage();
  try {
    for (let tries = 0; tries < 100; tries += 1) {
      await page.goto(`${server.url}/dashboard/demo/outbox`);
      const rows = page.getByRole('row').filter({ hasText: address });
      if ((await rows.count()) > read) {
        read = await rows.count();
        await rows.first().getByRole('link').first().click();
        return await page.locator('main').innerText();
      }
      await page.waitForTimeout(100);
    }
  } finally {
    await page.close();
  }
  throw new Error(`no new mail to ${address}`);
}

const linkIn = (mail) => /http\S+\/p\/demo\/link\/\S+/.exec(mail)[0];
const codeIn = (mail) => /\b(\d{3} \d{3})\b/.exec(mail)[1];

// Demo mails one sign-in a minute to an address: the limit is moved out of the way by asking for another person each time.
async function ask(page, address) {
  read = 0;
  await page.goto(`${server.url}/p/demo/login`);
  await page.getByLabel('Email address').fill(address);
  await page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  await page.waitForURL(/\/login\/wait$/);
}

async function invite(address) {
  await staff.goto(`${server.url}/dashboard/demo`);
  await staff.getByLabel(/addresses/i).fill(address);
  await staff.getByRole('button', { name: 'Send invitations' }).click();
  await staff.getByText(/1 invit/i).first().waitFor();
  read = 0;
  return linkIn(await newestMail(address));
}

async function join(address) {
  const page = await visitor();
  await page.goto(await invite(address));
  await page.getByRole('button').click();
  await page.waitForURL(/\/p\/demo$/);
  return page;
}

const home_ = /\/p\/demo\/?$/;

test('who comes by an invitation is offered a password, sets one, and signs in with it', async () => {
  const page = await join('pia@people.example');
  await page.getByRole('link', { name: 'set a password' }).click();
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('This password is too short.').waitFor();
  await shot(page, 'profile-refused');
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your password is saved.').waitFor();
  await shot(page, 'profile');

  const other = await visitor();
  await other.goto(`${server.url}/p/demo/login`);
  await shot(other, 'login');
  await other.getByRole('link', { name: 'Use a password' }).click();
  await other.getByLabel('Email address').fill('pia@people.example');
  await other.getByLabel('Password').fill('wrong');
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByText('Wrong email or password').waitFor();
  await shot(other, 'login-password-wrong');
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.waitForURL(home_);

  await page.goto(`${server.url}/p/demo/profile`);
  assert.equal(await page.getByRole('button', { name: 'End', exact: true }).count(), 1);
  await page.getByRole('button', { name: 'End', exact: true }).click();
  await page.waitForURL(/profile$/);
  assert.equal(await page.getByRole('button', { name: 'End', exact: true }).count(), 0);
  await other.goto(`${server.url}/p/demo`);
  await other.waitForURL(/\/login$/);
});

test('a forgotten password is chosen anew by mail, and signs nobody in by itself', async () => {
  const page = await visitor();
  await page.goto(`${server.url}/p/demo/login/password`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('Email address').fill('pia@people.example');
  read = await mailsTo('pia@people.example');
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await page.getByText(/can sign in here/).waitFor();
  const mail = await newestMail('pia@people.example');
  await page.goto(/http\S+\/p\/demo\/reset\/\S+/.exec(mail)[0]);
  await shot(page, 'reset');
  await page.getByLabel('New password').fill('seven quiet lighthouses');
  await page.getByRole('button', { name: 'Save password' }).click();
  await page.getByText('Your password is saved').first().waitFor();
  await page.goto(`${server.url}/p/demo`);
  await page.waitForURL(/\/login$/);
});

async function mailsTo(address) {
  const page = await staff.context().newPage();
  await page.goto(`${server.url}/dashboard/demo/outbox`);
  const count = await page.getByRole('row').filter({ hasText: address }).count();
  await page.close();
  return count;
}

test('the device that asked comes in by the code of the mail', async () => {
  await join('cora@people.example');
  const page = await visitor();
  await ask(page, 'cora@people.example');
  await shot(page, 'login-wait');
  read = 1;
  const mail = await newestMail('cora@people.example');
  await page.getByLabel('Code from the email').fill('000 000');
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await page.getByText('This code is wrong.').waitFor();
  await page.getByLabel('Code from the email').fill(codeIn(mail));
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await page.waitForURL(home_);
});

test('one browser asks, another one presses and chooses the number, and both are in', async () => {
  await join('tess@people.example');
  const asking = await visitor({ javaScriptEnabled: true });
  await ask(asking, 'tess@people.example');
  const number = (await asking.locator('.number').innerText()).trim();
  read = 1;
  const link = linkIn(await newestMail('tess@people.example'));
  const pressing = await visitor();
  await pressing.goto(link);
  await pressing.getByRole('button').click();
  await pressing.getByText(/another device\?/).waitFor();
  await shot(pressing, 'login-confirm');
  await pressing.getByRole('button', { name: number, exact: true }).click();
  await pressing.getByText('The other device is signed in').waitFor();
  // The asking page learns it by itself.
  await asking.getByRole('button', { name: 'Continue' }).click();
  await asking.waitForURL(home_);
  await pressing.goto(`${server.url}/p/demo`);
  await pressing.waitForURL(home_);
});

test('an attacker who asks for somebody\'s mail stays out when that person presses the button', async () => {
  await join('vera@people.example');
  const attacker = await visitor();
  await ask(attacker, 'vera@people.example');
  read = 1;
  const victim = await visitor();
  await victim.goto(linkIn(await newestMail('vera@people.example')));
  await victim.getByRole('button').click();
  await victim.getByRole('link', { name: 'Continue only on this device' }).click();
  await victim.waitForURL(home_);
  await attacker.goto(`${server.url}/p/demo/login/wait`);
  assert.equal(await attacker.getByRole('button', { name: 'Continue' }).count(), 0);
  await attacker.goto(`${server.url}/p/demo`);
  await attacker.waitForURL(/\/login$/);
});

test('the browser that asked may press itself, and is asked nothing', async () => {
  await join('sam@people.example');
  const page = await visitor();
  await ask(page, 'sam@people.example');
  read = 1;
  await page.goto(linkIn(await newestMail('sam@people.example')));
  await page.getByRole('button').click();
  await page.waitForURL(home_);
});

test('Google signs in whoever has the verified address', async () => {
  const page = await visitor();
  await page.goto(`${server.url}/p/demo/login?section=COURSES`);
  await page.getByRole('link', { name: 'Continue with Google' }).click();
  await page.waitForURL(/\/p\/demo\/courses$/);
  await page.getByText(/Ada|ada@people/).first().waitFor();
});

test('a team member signs in to the dashboard by code', async () => {
  const owner = JSON.parse(await server.command('demo')).ownerSignInUrl;
  assert.ok(owner);
  const page = await visitor();
  await page.goto(`${server.url}/dashboard/demo/login`);
  await shot(page, 'dashboard-login');
  await page.getByLabel('Email address').fill('nobody@people.example');
  await page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  await page.waitForURL(/\/dashboard\/demo\/login\/wait$/);
  await page.getByLabel('Code from the email').fill('000000');
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await page.getByText('This code is wrong.').waitFor();
});
