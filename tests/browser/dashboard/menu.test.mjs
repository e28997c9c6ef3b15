// The menu items on the dashboard: the portal's and the dashboard's menu, their order, and the hosts of frames.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../scenario/lib/processes.mjs';
import { Dashboard, inspect } from '../lib/dashboard.mjs';

const MENU = `query ($audience: Audience!) { menuItems(audience: $audience) {
  id title icon section url opensIn visibleTo { minimumRole target { __typename ... on Course { id } } }
} }`;
const LONG = 'Kaffeeverkostungsgemeinschaftsveranstaltungskalender';

let dashboard;
let page;

before(async () => {
  dashboard = await Dashboard.start();
  page = await dashboard.signIn();
  page.setDefaultTimeout(15_000);
  for (const audience of ['PORTAL', 'DASHBOARD']) for (const { id } of await read(audience)) await api(DELETE, { menuItemId: id });
});

after(() => dashboard?.stop());

const DELETE = 'mutation ($input: DeleteMenuItemInput!) { deleteMenuItem(input: $input) { deletedMenuItemId } }';
const api = (query, input) => dashboard.api(page, query, input && { input });
const read = async (audience = 'PORTAL') => (await dashboard.api(page, MENU, { audience })).menuItems;
const titles = async () => (await read()).map(({ title }) => title);
const create = (input) => api('mutation ($input: CreateMenuItemInput!) { createMenuItem(input: $input) { menuItem { id } } }', { audience: 'PORTAL', ...input });
const hosts = async () => (await dashboard.api(page, '{ portal { settings { frameHosts } } }')).portal.settings.frameHosts;

const open = (path = 'menu') => page.goto(`${dashboard.base}/${path}`);
const item = (title) => page.locator('.menus-item').filter({ hasText: title });
const dialog = () => page.getByRole('dialog').filter({ has: page.getByRole('heading', { level: 2 }) });
const said = (text) => page.locator('.menus-list > [role=status]').filter({ hasText: text }).waitFor({ state: 'attached' });

test('an item is created; what is missing or refused is said beside its field', async () => {
  await open();
  await page.getByRole('heading', { name: 'No menu items yet' }).waitFor();
  await inspect(page, 'menu-empty');
  await page.getByRole('button', { name: 'New menu item' }).click();
  await dialog().getByRole('button', { name: 'Add item' }).click();
  await dialog().getByText('Enter a text.').waitFor();
  await dialog().getByText('Enter the URL.').waitFor();
  await dialog().getByLabel('Text').fill('Help');
  await dialog().getByLabel('URL', { exact: true }).last().fill('http://help.example');
  await dialog().getByRole('button', { name: 'Add item' }).click();
  await dialog().locator('.field').filter({ hasText: 'URL' }).getByRole('alert').waitFor();
  await inspect(page, 'menu-new');
  await dialog().getByLabel('URL', { exact: true }).last().fill('help.example/start');
  await dialog().getByLabel('How does it open?').selectOption('In a new tab');
  await dialog().getByRole('radio', { name: 'Question mark' }).check({ force: true });
  await dialog().getByRole('button', { name: 'Add item' }).click();
  await item('Help').getByText('help.example').waitFor();
  const [made] = await read();
  assert.deepEqual([made.title, made.url, made.opensIn, made.icon, made.visibleTo?.target ?? null], ['Help', 'https://help.example/start', 'NEW_TAB', 'HELP', null]);
});

test('an item is edited: a section, for contacts with a course', async () => {
  const { createCourse } = await api('mutation ($input: CreateCourseInput!) { createCourse(input: $input) { course { id } } }', { title: 'Baking', status: 'PUBLISHED' });
  await open();
  await item('Help').getByRole('button', { name: 'Help', exact: true }).click();
  await dialog().getByRole('radio', { name: 'A section of the portal' }).click();
  await dialog().getByLabel('Section', { exact: true }).selectOption('Courses');
  await dialog().getByLabel('Who sees it?').selectOption('Baking');
  await inspect(page, 'menu-edit');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await item('Help').getByText('Only with Baking').waitFor();
  const [made] = await read();
  assert.deepEqual([made.section, made.url, made.visibleTo.target.id], ['COURSES', null, createCourse.course.id]);
});

test('items are moved by buttons, keys and dragging', async () => {
  await create({ title: LONG, url: 'https://calendar.example/a', icon: 'CALENDAR' });
  await create({ title: 'أخبار', url: 'https://news.example', icon: 'STAR' });
  await open();
  await item('Help').getByRole('button', { name: 'Move “Help” down' }).click();
  await said('“Help”: moved to place 2 of 3');
  await until('it is saved', async () => (await titles())[1] === 'Help');
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-control]').dataset.control), 'down');
  await page.keyboard.press('Alt+ArrowDown');
  await until('it is saved', async () => (await titles())[2] === 'Help');
  await page.keyboard.press('Alt+ArrowDown');
  await said('“Help” is already the last');
  await inspect(page, 'menu');
  await item('Help').locator('.outline-grip').hover();
  await page.mouse.down();
  const box = await item(LONG).boundingBox();
  await page.mouse.move(box.x + 20, box.y + 30, { steps: 4 });
  await page.mouse.move(box.x + 20, box.y - 4, { steps: 4 });
  await page.locator('.outline-line').waitFor();
  await page.mouse.up();
  await until('it is saved', async () => (await titles()).join() === ['Help', LONG, 'أخبار'].join());
});

test('a host is allowed for frames, then an item opens in one', async () => {
  await open();
  const field = page.getByLabel('Hosts that may be shown in a frame');
  await field.fill('*.co.uk');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.field').filter({ has: field }).getByRole('alert').waitFor();
  await inspect(page, 'menu-hosts');
  await field.fill('calendar.example\n*.news.example');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The hosts were saved').waitFor();
  assert.deepEqual((await hosts()).toSorted(), ['*.news.example', 'calendar.example']);
  await item(LONG).getByRole('button', { name: LONG, exact: true }).click();
  await dialog().getByLabel('How does it open?').selectOption('In a frame, with the menu around it');
  await dialog().getByRole('button', { name: 'Save' }).click();
  await item(LONG).getByText('In a frame').waitFor();
  assert.equal((await read()).find(({ title }) => title === LONG).opensIn, 'FRAME');
});

test('the menu of the dashboard is shown from a role on', async () => {
  await open();
  await page.getByRole('tab', { name: 'Dashboard' }).click();
  await page.waitForURL(/\?tab=dashboard$/);
  await page.getByRole('button', { name: 'New menu item' }).click();
  await dialog().getByLabel('Text').fill('Accounting');
  await dialog().getByLabel('URL', { exact: true }).last().fill('https://books.example');
  await dialog().getByLabel('Who sees it?').selectOption('Admin and higher');
  await dialog().getByRole('button', { name: 'Add item' }).click();
  await item('Accounting').getByText('Admin and higher').waitFor();
  assert.equal((await read('DASHBOARD'))[0].visibleTo.minimumRole, 'ADMIN');
  const own = page.locator('.rail').getByRole('link', { name: 'Accounting' });
  await own.waitFor();
  assert.deepEqual([await own.getAttribute('href'), await own.getAttribute('target')], ['https://books.example/', null]);
  await inspect(page, 'menu-dashboard');
});

test('an item opens in a frame of the dashboard', async () => {
  await page.route('https://calendar.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<title>x</title><p>Dates of the team' }));
  await create({ audience: 'DASHBOARD', title: 'Our dates', url: 'https://calendar.example/team', icon: 'CALENDAR', opensIn: 'FRAME' });
  await open('contacts');
  const own = page.locator('.rail').getByRole('link', { name: 'Our dates' });
  await own.click();
  await page.waitForURL(/\/items\/menuitem_/);
  await page.frameLocator('iframe[title="Our dates"]').getByText('Dates of the team').waitFor();
  assert.equal(await own.getAttribute('aria-current'), 'page');
  assert.equal(await page.getByRole('link', { name: 'Open in a new tab' }).getAttribute('href'), 'https://calendar.example/team');
  await inspect(page, 'menu-framed');
  await page.goto(`${dashboard.base}/items/menuitem_x`);
  await page.getByText('Not found', { exact: true }).waitFor();
  await open('menu?tab=dashboard');
});

test('the navigation has the items that the member’s role shows', async () => {
  await create({ audience: 'DASHBOARD', title: LONG, url: 'https://help.example', icon: 'HELP', opensIn: 'NEW_TAB' });
  await create({ audience: 'DASHBOARD', title: 'Their courses', section: 'COURSES', icon: 'BOOK' });
  await dashboard.api(page, 'mutation { inviteTeamMember(input: { email: "stan@acme.example", role: STAFF }) { teamMember { id } } }');
  const staff = await dashboard.signIn('', { member: 'stan@acme.example' });
  const own = (name) => staff.locator('.rail').getByRole('list', { name: 'Links of your team' }).getByRole('link', { name });
  await own('(opens in a new tab)').waitFor();
  assert.equal(await own('(opens in a new tab)').getAttribute('rel'), 'noopener noreferrer');
  assert.match(await own('Their courses').getAttribute('href'), /\/p\/demo\/courses$/);
  assert.equal(await own('Accounting').count(), 0);
  await inspect(staff, 'rail-own');
  assert.deepEqual(staff.errors, []);
  await staff.context().close();
  for (const { id, title } of await read('DASHBOARD')) {
    if (title !== 'Accounting') await dashboard.api(page, 'mutation ($id: ID!) { deleteMenuItem(input: { menuItemId: $id }) { deletedMenuItemId } }', { id });
  }
  await page.reload();
});

test('an item is deleted', async () => {
  await item('Accounting').getByRole('button', { name: 'Actions for “Accounting”' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await dialog().getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'No menu items yet' }).waitFor();
  assert.deepEqual(await read('DASHBOARD'), []);
  await page.locator('.rail').getByRole('link', { name: 'Accounting' }).waitFor({ state: 'detached' });
});

test('nothing failed on the way', () => assert.deepEqual(page.errors, []));
