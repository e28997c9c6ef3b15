// What holds on every page and in every dialog: zoom, motion, forced colours, what a screen reader is told, and languages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Dashboard } from '../lib/dashboard.mjs';
import { cutTexts, englishLeft, faultsOfTree, motion } from '../lib/faults.mjs';
import { MailServer } from '../lib/mail_server.mjs';
import { open, views } from '../lib/views.mjs';

const LANGUAGES = { es: 'es-ES', de: 'de-DE', fr: 'fr-FR' };

let mail;
let dashboard;
let owner;
let all;

before(async () => {
  mail = await MailServer.start();
  dashboard = await Dashboard.start({ SMTP_URL: mail.url });
  owner = await dashboard.signIn();
  all = await views(dashboard, owner);
});

after(async () => {
  await dashboard?.stop();
  mail?.stop();
});

/** Opens each view and collects what `look` finds on it. */
async function onEach(page, look, of = all) {
  const found = [];
  for (const view of of) {
    await open(dashboard, page, view);
    found.push(...(await look(page)).map((fault) => `${view[0]}: ${fault}`));
  }
  return found;
}

const layoutFaults = async (page) => {
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  return [...(content > width ? [`${content} px wide in ${width}`] : []), ...await page.evaluate(cutTexts)];
};

test('at 200 % zoom nothing is cut, and nothing scrolls sideways', async () => {
  const page = await dashboard.signIn('', { viewport: { width: 640, height: 512 }, deviceScaleFactor: 2 });
  assert.deepEqual(await onEach(page, layoutFaults), []);
  await page.context().close();
});

test('with text of twice the size nothing is cut, and nothing scrolls sideways', async () => {
  const page = await dashboard.signIn();
  const faults = await onEach(page, async () => {
    await page.addStyleTag({ content: ':root { font-size: 200% }' }).catch(() => page.evaluate(() => { document.documentElement.style.fontSize = '200%'; }));
    return layoutFaults(page);
  });
  assert.deepEqual(faults, []);
  await page.context().close();
});

test('who prefers reduced motion sees none', async () => {
  await owner.emulateMedia({ reducedMotion: 'reduce' });
  assert.deepEqual(await onEach(owner, (page) => page.evaluate(motion)), []);
  await owner.emulateMedia({ reducedMotion: 'no-preference' });
});

test('in forced colours the focus, what is selected and the connection are seen', async () => {
  await owner.emulateMedia({ forcedColors: 'active' });
  await open(dashboard, owner, all.find(([name]) => name === 'invitations'));
  const look = (selector, property, pseudo) =>
    owner.locator(selector).first().evaluate((element, [name, part]) => getComputedStyle(element, part)[name], [property, pseudo]);
  assert.notEqual(await look('[role=tab][aria-selected=true]', 'borderBottomColor'), await look('[role=tab][aria-selected=false]', 'borderBottomColor'));
  assert.notEqual(await look('.rail a[aria-current]', 'outlineStyle'), 'none');
  assert.equal(await look('.rail a:not([aria-current])', 'outlineStyle'), 'none');
  assert.notEqual(await look('.connection', 'backgroundColor', '::before'), await look('body', 'backgroundColor'));
  await owner.keyboard.press('Tab');
  assert.notEqual(await look(':focus-visible', 'outlineStyle'), 'none');
  await owner.emulateMedia({ forcedColors: 'none' });
});

test('a screen reader finds one heading, named landmarks, tables with headers, and names on all controls', async () => {
  const session = await owner.context().newCDPSession(owner);
  assert.deepEqual(await onEach(owner, async () => {
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    return faultsOfTree(nodes);
  }), []);
});

test('another page has the focus on its heading and its name in the title', async () => {
  await open(dashboard, owner, ['', '']);
  for (const name of ['Contacts', 'Messages', 'Settings']) {
    await owner.getByRole('navigation').getByRole('link', { name }).click();
    await owner.waitForFunction((text) => document.activeElement?.matches('h1') && document.activeElement.textContent === text, name);
    assert.equal(await owner.title(), `${name} · Demo Academy`);
  }
  await owner.goBack();
  await owner.waitForFunction(() => document.activeElement?.matches('h1') && document.activeElement.textContent === 'Messages');
});

test('a page that loads its object keeps the focus on the heading', async () => {
  await open(dashboard, owner, ['', 'contacts']);
  const link = owner.locator('tbody .table-link').first();
  const name = await link.locator('.contacts-name').textContent();
  await link.click();
  await owner.waitForFunction((text) => document.activeElement?.matches('h1') && document.activeElement.textContent === text, name);
  assert.equal(await owner.title(), `${name} · Demo Academy`);
});

test('a dialog that closes gives the focus back', async () => {
  for (const view of all.filter(([name]) => name.startsWith('dialog-'))) {
    await open(dashboard, owner, view);
    await owner.waitForFunction(() => document.activeElement?.closest('dialog'));
    await owner.keyboard.press('Escape');
    await owner.locator('dialog.dialog[open]').waitFor({ state: 'detached' });
    await owner.waitForFunction(() => document.activeElement?.matches('.top .menu-trigger'));
  }
});

for (const [language, locale] of Object.entries(LANGUAGES)) {
  test(`in ${language} nothing is cut, and no English is left`, async () => {
    const page = await dashboard.signIn('', { locale });
    // The gallery of components is for developers.
    const shown = all.filter(([name]) => name !== 'components');
    const faults = await onEach(page, async () => {
      const found = await page.evaluate(englishLeft, language);
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await layoutFaults(page)).map((fault) => `${width}: ${fault}`));
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      return found;
    }, shown);
    assert.deepEqual(faults, []);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
}

test('the pages logged no error', () => assert.deepEqual(owner.errors, []));
