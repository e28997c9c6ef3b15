// A page of the dashboard that is opened without a session is shown after signing in, by each method.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from '../scenario/lib/processes.mjs';
import { CLIENT, Issuer } from '../clients/lib/issuer.mjs';
import { Dashboard } from './lib/dashboard.mjs';

const PASSWORD = 'three green elephants';
const PAGE = 'contacts?status=ACTIVE&tag=a+b';
const INVITE = 'mutation ($input: InviteTeamMemberInput!) { inviteTeamMember(input: $input) { teamMember { id } } }';
let dashboard;
let issuer;
let owner;

before(async () => {
  const port = await freePort();
  issuer = await new Issuer().start(`http://127.0.0.1:${port}/auth/google/callback`);
  issuer.people.set('gina', { email: 'gina@team.example', email_verified: true });
  issuer.current = 'gina';
  dashboard = await Dashboard.start({
    port, GOOGLE_CLIENT_ID: CLIENT.id, GOOGLE_CLIENT_SECRET: CLIENT.secret, GOOGLE_ISSUER: issuer.url,
  });
  owner = await dashboard.signIn();
  for (const name of ['cora', 'lena', 'gina']) {
    await dashboard.api(owner, INVITE, { input: { email: `${name}@team.example`, role: 'STAFF' } });
  }
});

after(async () => {
  await dashboard?.stop();
  await issuer?.stop();
});

/** A new browser on the sign-in page that the dashboard's page redirects to. */
async function turnedAway() {
  const context = await dashboard.browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${dashboard.base}/${PAGE}`);
  await page.waitForURL(/\/login$/);
  return page;
}

async function arrives(page) {
  await page.waitForURL(`${dashboard.base}/${PAGE}`);
  await page.getByText('No contacts match').waitFor();
  await page.goto(dashboard.base);
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  assert.equal(page.url(), dashboard.base);
}

async function requestEmail(page, address) {
  await page.getByLabel('Email address').fill(address);
  await page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  await page.waitForURL(/\/login\/wait$/);
  const outbox = await owner.context().newPage();
  const row = outbox.getByRole('row').filter({ hasText: address }).filter({ hasText: /Sign in|sign-in/ }).first();
  for (let attempts = 0; attempts < 100 && !await row.count(); attempts += 1) await outbox.goto(`${dashboard.base}/outbox`);
  await row.getByRole('link').first().click();
  const text = await outbox.locator('main').innerText();
  await outbox.close();
  return text;
}

test('by the code of the email', async () => {
  const page = await turnedAway();
  const mail = await requestEmail(page, 'cora@team.example');
  await page.getByLabel('Code from the email').fill(/\b(\d{3} \d{3})\b/.exec(mail)[1]);
  await page.getByRole('button', { name: 'Sign in with code' }).click();
  await arrives(page);
});

test('by the link of the email, in a new tab', async () => {
  const page = await turnedAway();
  const mail = await requestEmail(page, 'lena@team.example');
  const tab = await page.context().newPage();
  await tab.goto(/http\S+\/dashboard\/link\/\S+/.exec(mail)[0]);
  await tab.getByRole('button').first().click();
  await arrives(tab);
});

test('with Google, and with a password', async () => {
  const page = await turnedAway();
  await page.getByRole('link', { name: 'Continue with Google' }).click();
  await arrives(page);
  await page.goto(`${dashboard.base}/profile`);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password' }).click();
  await page.getByText('Your password is saved.').waitFor();

  const other = await turnedAway();
  await other.getByRole('link', { name: 'Use a password' }).click();
  await other.getByLabel('Email address').fill('gina@team.example');
  await other.getByLabel('Password').fill(PASSWORD);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await arrives(other);
});
