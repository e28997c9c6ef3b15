// Signing in with an emailed code with JavaScript, on the portal and the dashboard, and requesting again before another email
// can be sent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { folder, Server } from '../scenario/lib/processes.mjs';

const PORTAL = { base: '/p/demo', home: /\/p\/demo\/?$/ };
const DASHBOARD = { base: '/dashboard/demo', home: /\/dashboard\/demo$/ };
let home;
let server;
let browser;
let staff;

before(async () => {
  home = await folder();
  server = await new Server(home.path).start('--demo');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  staff = await newPage();
  await staff.goto(/http\S+\/dashboard\/link\/\S+/.exec(server.output)[0]);
  await staff.getByRole('button').click();
  await staff.waitForURL(DASHBOARD.home);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await home?.remove();
});

async function newPage(options = {}) {
  const context = await browser.newContext(options);
  return context.newPage();
}

async function screenshot(page, name) {
  if (!process.env.SCREENSHOTS) return;
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${width}.png`, fullPage: true });
  }
}

// The code in the only email to an address.
async function emailedCode(address) {
  const page = await staff.context().newPage();
  const row = page.getByRole('row').filter({ hasText: address });
  try {
    for (let attempts = 0; attempts < 100; attempts += 1) {
      await page.goto(`${server.url}/dashboard/demo/outbox`);
      if ((await row.count()) > 0) {
        assert.equal(await row.count(), 1, `one email to ${address}`);
        await row.getByRole('link').first().click();
        return /\b(\d{3} \d{3})\b/.exec(await page.locator('main').innerText())[1];
      }
      await page.waitForTimeout(100);
    }
  } finally {
    await page.close();
  }
  throw new Error(`no email to ${address}`);
}

async function requestLogin(page, { base }, address) {
  await page.goto(`${server.url}${base}/login`);
  await page.getByLabel('Email address').fill(address);
  await page.getByRole('button', { name: 'Mail me a sign-in link' }).click();
  await page.waitForURL(/\/login\/wait$/);
}

async function enterCode(page, code) {
  await page.getByLabel('Code from the email').fill(code);
  await page.getByRole('button', { name: 'Sign in with code' }).click();
}

// Resolves once an event stream has delivered this state of the page's challenge.
const waitForState = (page, state) => page.evaluate((expected) => new Promise((done) => {
  const query = 'subscription ($id: ID!) { signInChallenge(challengeId: $id) }';
  const variables = JSON.stringify({ id: document.body.dataset.challenge });
  const events = new EventSource(`/graphql/stream?${new URLSearchParams({ query, variables })}`);
  events.addEventListener('next', (event) => {
    if (JSON.parse(event.data).data.signInChallenge === expected) done();
  });
}), state);

for (const [name, site, address] of [
  ['portal', PORTAL, 'ada@people.example'],
  ['dashboard', DASHBOARD, 'owner@demo.example'],
]) {
  test(`the code signs in to the ${name} with JavaScript, without other navigation`, async () => {
    const page = await newPage();
    await requestLogin(page, site, address);
    const code = await emailedCode(address);
    // Delays the response until every stream has reported that the sign-in is complete.
    const watching = await page.context().newPage();
    await watching.goto(page.url());
    const completed = waitForState(watching, 'COMPLETED');
    await page.route('**/login/code', async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      await completed;
      await route.fulfill({ response });
    });
    const opened = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) opened.push(new URL(request.url()).pathname);
    });
    await enterCode(page, code);
    await page.waitForURL(site.home);
    assert.deepEqual(opened, [`${site.base}/login/code`, site.base]);
    for (const path of ['login', 'login/wait']) {
      await page.goto(`${server.url}${site.base}/${path}`);
      assert.match(page.url(), site.home, 'a signed-in contact or member is redirected home');
    }
    await page.context().close();
  });
}

test('requesting again shows when the next email can be sent, and the first code works', async () => {
  const address = 'grace@people.example';
  const page = await newPage();
  await requestLogin(page, PORTAL, address);
  const code = await emailedCode(address);
  await page.getByRole('link', { name: 'Use another email address' }).click();
  await requestLogin(page, PORTAL, address);
  const resend = page.getByRole('button', { name: /^Resend in \d+ s$/ });
  const first = await resend.innerText();
  assert.ok(await resend.isDisabled());
  await screenshot(page, 'login-wait');
  await page.getByRole('button', { name: /^Resend in/ }).filter({ hasNotText: first }).waitFor();
  await enterCode(page, code);
  await page.waitForURL(PORTAL.home);
});

test('without JavaScript the button requests again, and the first code works', async () => {
  const address = 'alan@people.example';
  const page = await newPage({ javaScriptEnabled: false });
  await requestLogin(page, PORTAL, address);
  const code = await emailedCode(address);
  await page.getByRole('button', { name: /^Resend in \d+ s$/ }).click();
  await page.getByRole('button', { name: /^Resend in \d+ s$/ }).waitFor();
  await enterCode(page, code);
  await page.waitForURL(PORTAL.home);
});
