// Signing in by the code of a mail with JavaScript, on the portal and on the dashboard; and asking again before another mail can
// be sent.
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
  staff = await visitor();
  await staff.goto(/http\S+\/dashboard\/link\/\S+/.exec(server.output)[0]);
  await staff.getByRole('button').click();
  await staff.waitForURL(DASHBOARD.home);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await home?.remove();
});

async function visitor(options = {}) {
  const made = await browser.newContext(options);
  return made.newPage();
}

async function shot(page, name) {
  if (!process.env.SCREENSHOTS) return;
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${width}.png`, fullPage: true });
  }
}

// The code in the only mail to an address.
async function mailedCode(address) {
  const page = await staff.context().newPage();
  const row = page.getByRole('row').filter({ hasText: address });
  try {
    for (let tries = 0; tries < 100; tries += 1) {
      await page.goto(`${server.url}/dashboard/demo/outbox`);
      if ((await row.count()) > 0) {
        assert.equal(await row.count(), 1, `one mail to ${address}`);
        await row.getByRole('link').first().click();
        return /\b(\d{3} \d{3})\b/.exec(await page.locator('main').innerText())[1];
      }
      await page.waitForTimeout(100);
    }
  } finally {
    await page.close();
  }
  throw new Error(`no mail to ${address}`);
}

async function ask(page, { base }, address) {
  await page.goto(`${server.url}${base}/login`);
  await page.getByLabel('Email address').fill(address);
  await page.getByRole('button', { name: 'Mail me a sign-in link' }).click();
  await page.waitForURL(/\/login\/wait$/);
}

async function typeCode(page, code) {
  await page.getByLabel('Code from the email').fill(code);
  await page.getByRole('button', { name: 'Sign in with code' }).click();
}

// Resolves once a stream of the page's own address has brought this state.
const watched = (page, state) => page.evaluate((wanted) => new Promise((done) => {
  const query = 'subscription ($id: ID!) { signInChallenge(challengeId: $id) }';
  const variables = JSON.stringify({ id: document.body.dataset.challenge });
  const events = new EventSource(`/graphql/stream?${new URLSearchParams({ query, variables })}`);
  events.addEventListener('next', (event) => {
    if (JSON.parse(event.data).data.signInChallenge === wanted) done();
  });
}), state);

for (const [name, site, address] of [
  ['portal', PORTAL, 'ada@people.example'],
  ['dashboard', DASHBOARD, 'owner@demo.example'],
]) {
  test(`the code signs in to the ${name} with JavaScript, and leads nowhere else`, async () => {
    const page = await visitor();
    await ask(page, site, address);
    const code = await mailedCode(address);
    // The answer arrives late: after every stream has said that the sign-in is complete.
    const watching = await page.context().newPage();
    await watching.goto(page.url());
    const completed = watched(watching, 'COMPLETED');
    await page.route('**/login/code', async (route) => {
      const response = await route.fetch({ maxRedirects: 0 });
      await completed;
      await route.fulfill({ response });
    });
    const opened = [];
    page.on('request', (request) => {
      if (request.isNavigationRequest()) opened.push(new URL(request.url()).pathname);
    });
    await typeCode(page, code);
    await page.waitForURL(site.home);
    assert.deepEqual(opened, [`${site.base}/login/code`, site.base]);
    for (const path of ['login', 'login/wait']) {
      await page.goto(`${server.url}${site.base}/${path}`);
      assert.match(page.url(), site.home, 'a signed-in visitor is redirected home');
    }
    await page.context().close();
  });
}

test('asking again shows when the next mail can be sent, and the first code works', async () => {
  const address = 'grace@people.example';
  const page = await visitor();
  await ask(page, PORTAL, address);
  const code = await mailedCode(address);
  await page.getByRole('link', { name: 'Use another email address' }).click();
  await ask(page, PORTAL, address);
  const resend = page.getByRole('button', { name: /^Resend in \d+ s$/ });
  const first = await resend.innerText();
  assert.ok(await resend.isDisabled());
  await shot(page, 'login-wait');
  await page.getByRole('button', { name: /^Resend in/ }).filter({ hasNotText: first }).waitFor();
  await typeCode(page, code);
  await page.waitForURL(PORTAL.home);
});

test('without JavaScript the button asks again, and the first code works', async () => {
  const address = 'alan@people.example';
  const page = await visitor({ javaScriptEnabled: false });
  await ask(page, PORTAL, address);
  const code = await mailedCode(address);
  await page.getByRole('button', { name: /^Resend in \d+ s$/ }).click();
  await page.getByRole('button', { name: /^Resend in \d+ s$/ }).waitFor();
  await typeCode(page, code);
  await page.waitForURL(PORTAL.home);
});
