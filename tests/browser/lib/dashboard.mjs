// What the tests of the dashboard share: a server, signed-in browsers, screenshots, and axe.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import { postmaster, psql } from '../../scenario/lib/postgres.mjs';
import { folder, Server } from '../../scenario/lib/processes.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SIZES = [360, 1280];
const SCHEMES = ['light', 'dark'];

/** A server with the demo account, and a browser. `environment` is added to the server's. */
export class Dashboard {
  static async start({ port, ...environment } = {}) {
    const dashboard = new Dashboard();
    dashboard.home = await folder();
    dashboard.server = new Server(dashboard.home.path, environment);
    dashboard.server.port = port;
    await dashboard.server.start('--demo');
    dashboard.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
    dashboard.base = `${dashboard.server.url}/dashboard/demo`;
    return dashboard;
  }

  /** Deletes the demo's courses, communities and offers, with everything about them. */
  async deleteContents() {
    const tables = ['access_grants', 'lesson_progress', 'offer_items', 'offers', 'announcements', 'communities', 'lessons', 'course_modules', 'courses'];
    await psql(await postmaster(this.home.path), 'vestibule', tables.map((table) => `delete from ${table}`).join('; '));
  }

  /** As if the demo account's contact with this number had answered STOP. */
  async stopTexts(phone) {
    await psql(await postmaster(this.home.path), 'vestibule',
      `insert into suppressions (account_id, email_key, reason, created_at) select id, '${phone}', 'STOPPED', now() from accounts where slug = 'demo'`);
  }

  async stop() {
    await this.browser?.close();
    await this.server?.stop();
    await this.home?.remove();
  }

  /** A new browser of the demo account's owner, or of `member`, on `path` of the dashboard. Errors of the page fail the test by `page.errors`. */
  async signIn(path = '', { member, ...options } = {}) {
    const context = await this.browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 800 }, ...options });
    const page = await context.newPage();
    page.errors = [];
    page.on('pageerror', (error) => page.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource|WebSocket/.test(message.text())) page.errors.push(message.text());
    });
    if (process.env.DASHBOARD_DIST) await serveFromDisk(page, process.env.DASHBOARD_DIST);
    await page.goto(await this.signInUrl(member));
    await page.getByRole('button').click();
    await page.waitForURL(/\/dashboard\/demo$/);
    if (path) await page.goto(`${this.base}/${path}`);
    await page.locator('.connection[data-state=live]').waitFor();
    return page;
  }

  async signInUrl(member) {
    if (!member) return JSON.parse(await this.server.command('demo')).ownerSignInUrl;
    return (await this.server.command('account', 'sign-in', '--slug', 'demo', '--email', member)).trim();
  }

  /** The GraphQL API, as the owner of `page`. */
  async api(page, query, variables = {}) {
    const response = await page.request.post(`${this.server.url}/graphql`, {
      headers: { 'Vestibule-Account': 'demo', 'X-Vestibule-CSRF': '1', Origin: this.server.url },
      data: { query, variables },
    });
    const { data, errors } = await response.json();
    assert.deepEqual(errors, undefined);
    return data;
  }
}

// While the dashboard is being written: `web/dist` of the disk instead of the embedded one.
async function serveFromDisk(page, dist) {
  await page.context().route(/\/assets\/[^/]+\/dist\//, (route) => {
    const name = new URL(route.request().url()).pathname.split('/dist/')[1];
    const contentType = name.endsWith('.css') ? 'text/css' : 'text/javascript';
    return route.fulfill({ path: `${dist}/${name}`, contentType });
  });
  // The shell is the same on every page: a page that the binary doesn't know yet gets that of the overview.
  await page.context().route(/\/dashboard\/demo\/./, async (route) => {
    const url = route.request().url();
    const isPage = route.request().resourceType() === 'document' && route.request().method() === 'GET';
    const unknown = isPage && (await route.fetch({ maxRedirects: 0 })).status() === 404;
    return route.continue(unknown ? { url: url.replace(/(\/dashboard\/demo)\/.*/, '$1') } : {});
  });
}

/** Phone and desktop, light and dark: nothing is wider than the page, axe finds nothing; pictures if SCREENSHOTS names a folder. */
export async function inspect(page, name) {
  for (const width of SIZES) {
    for (const colorScheme of SCHEMES) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const contentWidth = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(contentWidth <= width, `${name} is ${contentWidth} px wide at ${width}`);
      // As high as its content, so that nothing is below a bar that sticks to the window's edge.
      await page.setViewportSize({ width, height: await page.evaluate(() => Math.max(800, document.documentElement.scrollHeight)) });
      await audit(page, `${name} ${width} ${colorScheme}`);
      await page.setViewportSize({ width, height: 800 });
      if (process.env.SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${width}-${colorScheme}.png` });
      }
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: 'light' });
  // Has a frame drawn at the last size. Once a browser drew none for 30 s here, and the click that followed waited for it.
  await page.screenshot({ clip: { x: 0, y: 0, width: 1, height: 1 } });
}

// The page's own policy allows no foreign script: playwright adds it past the policy.
async function audit(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 5).join(' | ')}`);
  assert.deepEqual(found, [], name);
}
