// Pages when signed out and after failures, and that form input never gets into a URL.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { folder, Server } from '../scenario/lib/processes.mjs';

const ADDRESS = 'ida@people.example';
let home;
let server;
let browser;

const newPage = async (options = { javaScriptEnabled: false }) => (await browser.newContext(options)).newPage();

// Checks phone and desktop widths, light and dark: nothing may be wider than the page.
async function screenshot(page, name) {
  for (const width of [360, 1280]) {
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      const contentWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(contentWidth <= width, `${name} is ${contentWidth} px wide at ${width}`);
      if (process.env.SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    }
  }
}

async function staff(options) {
  const page = await newPage(options);
  await page.goto(JSON.parse(await server.command('demo')).ownerSignInUrl);
  await page.getByRole('button').click();
  await page.waitForURL(/\/dashboard\/demo$/);
  return page;
}

before(async () => {
  home = await folder();
  server = await new Server(home.path).start('--demo');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await home?.remove();
});

test('a signed-out dashboard shows the sign-in form of its account', async () => {
  const page = await newPage();
  await page.goto(`${server.url}/dashboard/demo`);
  await page.getByRole('heading', { name: 'Sign in to the Demo Academy dashboard' }).waitFor();
  await page.getByRole('link', { name: 'Demo Academy' }).waitFor();
  await page.getByLabel('Email address').waitFor();
  assert.equal(await page.getByText('vestibule account').count(), 0);
  await screenshot(page, 'dashboard-signed-out');
  await page.goto(`${server.url}/dashboard`);
  await page.getByLabel('Account').fill('nowhere');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').waitFor();
  await screenshot(page, 'dashboard-unknown');
  await page.getByLabel('Account').fill('demo');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(/\/dashboard\/demo\/login$/);
});

test('a dashboard whose session ends shows the sign-in form of its account', async () => {
  const page = await staff({});
  const other = await page.context().newPage();
  await page.locator('[data-state=live]').waitFor();
  await other.goto(`${server.url}/dashboard/demo/profile`);
  await other.getByRole('button', { name: 'Sign out everywhere' }).click();
  await other.waitForURL(/\/login/);
  await page.waitForURL(/\/dashboard\/demo\/login/);
  await page.getByLabel('Email address').waitFor();
  await page.getByText('Your session has ended.').waitFor();
  await screenshot(page, 'dashboard-ended');
});

test('without JavaScript the dashboard says so, and signing out works', async () => {
  const page = await staff({ javaScriptEnabled: false });
  // Playwright's text selectors skip <noscript>.
  assert.match(await page.locator('noscript p').first().innerText(), /^The dashboard needs JavaScript\./);
  await screenshot(page, 'dashboard-no-script');
  await page.locator('noscript button').click();
  await page.waitForURL(/\/dashboard\/demo\/(login|sign-out)/);
  await page.context().close();
});

test('the sign-in forms put no input into a URL', async () => {
  const page = await newPage();
  const urls = [];
  page.on('request', (request) => urls.push(request.url()));
  for (const base of ['/p/demo', '/dashboard/demo']) {
    for (const [path, button] of [['login', 'Email me a sign-in link'], ['login/password', 'Sign in'], ['forgot', 'Email me a link']]) {
      await page.goto(`${server.url}${base}/${path}`);
      await page.getByLabel('Email address').fill(ADDRESS);
      if (path === 'login/password') await page.getByLabel('Password').fill('three green elephants');
      await page.getByRole('button', { name: button, exact: true }).click();
      await page.getByText(/Check your email|Wrong email or password/).first().waitFor();
      await screenshot(page, `${base.split('/')[1]}-${path.replace('/', '-')}-sent`);
    }
  }
  assert.deepEqual(urls.filter((url) => /people|ida|elephants/.test(url)), []);
});

test('errors inside a portal have its branding, and link back', async () => {
  const page = await newPage();
  await page.goto(`${server.url}/p/demo/nothing/here`);
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await screenshot(page, 'error-404');
  await page.getByRole('link', { name: 'Go to Demo Academy' }).click();
  await page.waitForURL(/\/p\/demo\/login$/);

  // The browser has lost its cookies.
  await page.context().clearCookies();
  await page.getByLabel('Email address').fill(ADDRESS);
  await page.getByRole('button', { name: 'Email me a sign-in link' }).click();
  await page.getByRole('heading', { name: 'This form has expired' }).waitFor();
  await page.getByRole('link', { name: 'Demo Academy', exact: true }).waitFor();
  await screenshot(page, 'error-form-expired');
  await page.getByRole('link', { name: 'Open the form again' }).click();
  await page.waitForURL(/\/p\/demo\/login$/);
  await page.getByLabel('Email address').waitFor();
});

test('a rate-limited form links back to itself', async () => {
  const page = await newPage();
  await page.goto(`${server.url}/p/demo/forgot`);
  const token = await page.locator('[name=form_token]').getAttribute('value');
  let status = 200;
  for (let attempts = 0; attempts < 150 && status === 200; attempts += 1) {
    const answer = await page.request.post(`${server.url}/p/demo/forgot`, { form: { form_token: token, email: ADDRESS } });
    status = answer.status();
  }
  assert.equal(status, 429);
  await page.getByLabel('Email address').fill(ADDRESS);
  await page.getByRole('button', { name: 'Email me a link' }).click();
  await page.getByRole('heading', { name: 'Too many requests' }).waitFor();
  await page.getByRole('link', { name: 'Go to Demo Academy' }).waitFor();
  await screenshot(page, 'error-429');
  await page.getByRole('link', { name: 'Back to the form' }).click();
  await page.getByLabel('Email address').waitFor();
  assert.match(page.url(), /\/p\/demo\/forgot$/);
});
