// The section "Sending domain" of the dashboard, with a DNS server of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { DnsServer } from '../scenario/lib/dns.mjs';
import { folder, Server } from '../scenario/lib/processes.mjs';

let home;
let dns;
let server;
let browser;
let page;

before(async () => {
  home = await folder();
  dns = new DnsServer(home.path);
  await dns.serve([]);
  server = new Server(home.path, {
    VESTIBULE_MAIL_FROM: 'portal@mail.server.example', VESTIBULE_BOUNCE_HOST: 'mx.server.example', VESTIBULE_DNS_SERVER: dns.address,
  });
  await server.start();
  await server.createAccount('acme');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  page = await browser.newPage();
  const printed = await server.command('account', 'sign-in', '--slug', 'acme', '--email', 'owner@acme.example');
  await page.goto(/http\S+\/dashboard\/link\/[\w-]+/.exec(printed)[0]);
  await page.getByRole('button').click();
  await page.waitForURL(/\/dashboard\/acme$/);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await dns?.stop();
  await home?.remove();
});

async function screenshot(name) {
  for (const width of process.env.SCREENSHOTS ? [360, 1280] : []) {
    await page.setViewportSize({ width, height: 900 });
    const { scrollWidth } = await page.evaluate(() => ({ scrollWidth: document.documentElement.scrollWidth }));
    assert.ok(scrollWidth <= width, `no sideways scrolling at ${width}`);
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-${width}.png`, fullPage: true });
  }
}

test('a bad domain is refused beside its field', async () => {
  await page.getByLabel('Your domain').fill('co.uk');
  await page.getByRole('button', { name: 'Set domain' }).click();
  await page.getByText('it is a public suffix').waitFor();
  await screenshot('domain-refused');
});

test('the records of a domain are shown, checked and explained', async () => {
  await page.getByLabel('Your domain').fill('acme.example');
  await page.getByRole('button', { name: 'Set domain' }).click();
  await page.getByText('Waiting for the records').waitFor();
  assert.equal(await page.getByText('Not checked', { exact: true }).count(), 4);
  await screenshot('domain-pending');
  const value = (label) => page.getByLabel(label, { exact: true }).inputValue();
  const records = [];
  for (const [purpose, type] of [['DKIM', 'TXT'], ['RETURN_PATH', 'MX'], ['SPF', 'TXT']]) {
    records.push({ type, name: await value(`Name of the ${purpose} record`), value: await value(`Value of the ${purpose} record`) });
  }
  await dns.serve(records);
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Emails are signed and come from this domain').waitFor();
  assert.equal(await page.getByText('Found', { exact: true }).count(), 3);
  await screenshot('domain-verified');
});

test('a domain is removed after a question', async () => {
  page.once('dialog', (dialog) => dialog.dismiss());
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('acme.example', { exact: true }).waitFor();
  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByLabel('Your domain').waitFor();
});
