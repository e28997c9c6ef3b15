// Every page of the dashboard, its tabs and steps, and the dialogs of the actions, with something to see on each.
import { until } from '../../scenario/lib/processes.mjs';

const INVITE = 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails, note: "See you soon" }) { count } }';
const LONG = { firstName: 'Maximiliane-Alexandra', lastName: 'von Hohenstein-Wolkenburg', email: 'maximiliane.von.hohenstein-wolkenburg@students.university.example' };
export const FILE = 'email,first name,phone,remark\nlena@import.example,Lena,+4915112345678,new\nnot an address,Otto,,\npia@import.example,Pia,12,\n';

/** Fills the demo account, and returns the views as `[name, path, prepare]`. */
export async function views(dashboard, page) {
  const api = (query, variables) => dashboard.api(page, query, variables);
  const { createContact } = await api(
    'mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } } }',
    { input: { ...LONG, tags: ['course', 'community', 'winter semester 2026'], phone: '+4915112345678', locale: 'de', timezone: 'Europe/Berlin' } },
  );
  const contact = createContact.contact.id;
  await api(INVITE, { emails: [LONG.email, 'busy@people.example', 'gone@people.example', 'grace@people.example'] });
  await api('mutation ($id: ID!) { sendLoginEmails(input: { contactIds: [$id] }) { count } }', { id: contact });
  await api('mutation ($id: ID!) { generateMagicLink(input: { contactId: $id }) { magicLink { id } } }', { id: contact });
  await api('mutation { inviteTeamMember(input: { email: "sam@acme.example", role: STAFF }) { teamMember { id } } }');
  await api('mutation { createApiKey(input: { name: "Shop", scopes: [READ, INVITE, CONTACTS] }) { apiKey { id } } }');
  const emails = Array.from({ length: 120 }, (_, at) => `wave-${at}@people.example`);
  const { inviteContacts } = await api(
    'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { bulkJob { id } } }', { emails });
  const job = inviteContacts.bulkJob.id;
  await until('the job is done', async () =>
    (await api('query ($id: ID!) { node(id: $id) { ... on BulkJob { status } } }', { id: job })).node.status === 'SUCCEEDED');
  let message;
  await until('an email bounced', async () => {
    const { nodes } = (await api('{ messages(first: 100, filter: { statuses: [BOUNCED] }) { nodes { id } } }')).messages;
    message = nodes[0]?.id;
    return message;
  });
  const course = await addCourse(api, contact);
  const { community, offer } = await addOffer(api, contact);
  const affiliate = await addAffiliate(api, contact);
  const smartList = await addSmartList(api, course.id);
  const template = await addTemplate(api);
  const workflow = await addWorkflow(api, template);
  await addMenu(api);
  return [
    ['overview', ''],
    ['contacts', 'contacts'],
    ...['overview', 'access', 'details', 'messages', 'links', 'sessions'].map((tab) => [`contact-${tab}`, `contacts/${contact}?tab=${tab}`]),
    ['contact-why', `contacts/${contact}?why=${course.id}`],
    ...['view', 'merge', 'erase'].map((name) => [`contact-${name}`, `contacts/${contact}`, (each) => chooseForContact(each, name)]),
    ['smart-lists', 'smart-lists'],
    ['smart-list', `smart-lists/${smartList}`],
    ['smart-list-new', 'smart-lists/new'],
    ['invitations', 'invitations'],
    ['courses', 'courses'],
    ['courses-new', 'courses?new=1'],
    ...['outline', 'details', 'members'].map((tab) => [`course-${tab}`, `courses/${course.id}?tab=${tab}`]),
    ['lesson', `courses/${course.id}?lesson=${course.lesson}`],
    ['communities', 'communities'],
    ...['announcements', 'members', 'details'].map((tab) => [`community-${tab}`, `communities/${community}?tab=${tab}`]),
    ['offers', 'offers'],
    ...['contents', 'terms', 'holders'].map((tab) => [`offer-${tab}`, `offers/${offer}?tab=${tab}`]),
    ['affiliates', 'affiliates'],
    ['affiliates-new', 'affiliates?new=1'],
    // Rows of a table that are out of sight are not in the page.
    ['affiliate', `affiliates/${affiliate}`, (each) => showRows(each, '.affiliate-sales')],
    ['menu', 'menu'],
    ['menu-dashboard', 'menu?tab=dashboard'],
    ['menu-new', 'menu', async (each) => {
      await each.locator('.menus-panel').getByRole('button').first().click();
      await each.locator('dialog.dialog[open]').waitFor();
    }],
    ['messages', 'messages'],
    ['message', `messages/${message}`],
    ['templates', 'templates'],
    ['template', `templates/${template}`],
    ['template-versions', `templates/${template}?tab=versions`],
    ['template-sms', 'templates/new?channel=SMS'],
    ['workflows', 'workflows'],
    ['workflow', `workflows/${workflow}`],
    ['workflow-step', `workflows/${workflow}`, async (each) => {
      await each.locator('[data-step=mail] .flow-open').click();
      await each.locator('dialog.dialog[open]').waitFor();
    }],
    ...['runs', 'test', 'settings'].map((tab) => [`workflow-${tab}`, `workflows/${workflow}?tab=${tab}`]),
    ['system-emails', 'emails'],
    ['system-email', 'emails/new-device?language=de'],
    ['compose', `compose?list=${smartList}&template=${template}`],
    ['links', 'links'],
    ['jobs', 'jobs'],
    ['job', `jobs/${job}`],
    ['import', 'import'],
    ['import-columns', 'import', chooseFile],
    ['import-check', 'import', async (each) => {
      await chooseFile(each);
      await each.locator('.import-next').click();
      await each.locator('.import-rows').waitFor();
    }],
    ['team', 'team'],
    ['api-keys', 'api-keys'],
    ['audit', 'audit'],
    ['settings', 'settings'],
    ['developers', 'developers'],
    ['components', 'components'],
    ['not-found', 'contacts/contact_00000000000000000000000000'],
    ...['invite', 'login_email', 'magic_link', 'ASSIGN_COURSES', 'UPDATE_COMMUNITY_ACCESS', 'GRANT_OFFER', 'REVOKE_OFFER']
      .map((name) => [`dialog-${name}`, 'links', (each) => startAction(each, name)]),
  ];
}

async function addCourse(api, contactId) {
  const create = async (name, type, input, rest = '') =>
    (await api(`mutation ($input: ${type}Input!) { ${name}(input: $input) { created: ${rest} { id } } }`, { input }))[name].created.id;
  const id = await create('createCourse', 'CreateCourse', { title: 'Kaffeezubereitungsgrundlagen für Fortgeschrittene', status: 'PUBLISHED' }, 'course');
  const moduleId = await create('createCourseModule', 'CreateCourseModule', { courseId: id, title: 'Wasserhärtebestimmung' }, 'module');
  await create('createCourse', 'CreateCourse', { title: 'Latte', externalUrl: 'https://school.example/latte' }, 'course');
  const lesson = await create('createLesson', 'CreateLesson',
    { moduleId, title: 'Mahlgradeinstellung', kind: 'VIDEO', url: 'https://video.example/1', body: '# Wasser\n\nHeiß.', durationMinutes: 12 }, 'lesson');
  await api('mutation ($input: AssignCoursesInput!) { assignCourses(input: $input) { count } }', { input: { contactId, add: [id] } });
  return { id, lesson };
}

async function addOffer(api, contactId) {
  const create = async (what, input) => {
    const type = what[0].toUpperCase() + what.slice(1);
    return (await api(`mutation ($input: Create${type}Input!) { create${type}(input: $input) { ${what} { id } } }`, { input }))[`create${type}`][what].id;
  };
  const community = await create('community', { name: 'Kaffeeverkostungsgemeinschaft Hohenstein', status: 'PUBLISHED', joinUrl: 'https://forum.example/kaffee' });
  await create('announcement', { communityId: community, title: 'Röstereibesichtigung', body: '# Termin\n\nAm **Montag**.' });
  const offer = await create('offer', { title: 'Barista-Jahresprogramm', communityIds: [community], status: 'PUBLISHED', durationDays: 365 });
  await api('mutation ($input: GrantOfferInput!) { grantOffer(input: $input) { count } }', { input: { offerId: offer, selection: { contactIds: [contactId] } } });
  return { community, offer };
}

async function addAffiliate(api, contactId) {
  const { setAffiliate } = await api('mutation ($input: SetAffiliateInput!) { setAffiliate(input: $input) { affiliate { id } } }',
    { input: { contactId, code: 'hohenstein-wolkenburg', targetUrl: 'https://shop.example/rösterei' } });
  const sale = { affiliateId: setAffiliate.affiliate.id, externalId: 'BESTELLUNG-2026-11-0042', soldAt: '2026-11-01T10:00:00Z' };
  await api('mutation ($input: RecordAffiliateSaleInput!) { recordAffiliateSale(input: $input) { recorded } }',
    { input: { ...sale, amount: '1249.00', commission: '249.80', currencyCode: 'EUR' } });
  return setAffiliate.affiliate.id;
}

async function addSmartList(api, courseId) {
  const filter = {
    portalStatus: ['INVITED', 'ACTIVE'], tags: ['winter semester 2026'], createdWithinDays: 30, createdAfter: '2026-01-31T10:00:00Z', courseIds: [courseId],
    courseProgress: { courseId, progress: 'NOT_STARTED' }, affiliate: true, search: 'max',
  };
  const { createSmartList } = await api('mutation ($input: CreateSmartListInput!) { createSmartList(input: $input) { smartList { id } } }',
    { input: { name: 'Kaffeezubereitungsgrundlagenteilnehmende', filter } });
  return createSmartList.smartList.id;
}

async function addTemplate(api) {
  const body = '# Willkommen\n\nHallo {{ contact.first_name | default("du") }}, [anmelden]({{ portal.login_url }}) oder [lesen](http://blog.example/röstereibesichtigungen)';
  const { createTemplate } = await api('mutation ($input: CreateTemplateInput!) { createTemplate(input: $input) { template { id } } }',
    { input: { name: 'Röstereibesichtigungseinladung', channel: 'EMAIL', format: 'MARKDOWN', subject: 'Kaffeezubereitungsgrundlagen: {{ portal.name }}', body } });
  return createTemplate.template.id;
}

async function addWorkflow(api, templateId) {
  const steps = [
    { sendEmail: { key: 'mail', templateId, next: 'pause' } },
    { wait: { key: 'pause', event: { trigger: 'CONTACT_JOINED' }, atMost: { amount: 3, unit: 'DAYS' }, next: 'end', otherwise: 'tag' } },
    { addTags: { key: 'tag', tags: ['Röstereibesichtigungseinladung'], next: 'end' } },
    { stop: { key: 'end' } },
  ];
  const { createWorkflow } = await api('mutation ($input: CreateWorkflowInput!) { createWorkflow(input: $input) { workflow { id } } }',
    { input: { name: 'Kaffeezubereitungsgrundlagenbegrüßung', triggers: [{ trigger: 'OFFER_ACCESS_GRANTED' }], steps } });
  return createWorkflow.workflow.id;
}

async function showRows(page, selector) {
  await page.locator(selector).scrollIntoViewIfNeeded();
  await page.locator(`${selector} tbody tr`).first().waitFor();
}

async function addMenu(api) {
  const create = (input) => api('mutation ($input: CreateMenuItemInput!) { createMenuItem(input: $input) { menuItem { id } } }', { input });
  await create({ audience: 'PORTAL', title: 'Röstereibesichtigungen', url: 'https://calendar.example', icon: 'CALENDAR', opensIn: 'NEW_TAB' });
  await create({ audience: 'DASHBOARD', title: 'Buchhaltungsübersicht', url: 'https://books.example', icon: 'MONEY', visibleTo: { minimumRole: 'STAFF' } });
}

async function chooseFile(page) {
  await page.locator('input[type=file]').setInputFiles({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) });
  await page.locator('.import-columns').waitFor();
}

async function startAction(page, name) {
  await page.locator('.top .menu-trigger').first().click();
  await page.locator(`[role=menuitem][data-value=${name}]`).click();
  await page.locator('dialog.dialog[open]').waitFor();
}

async function chooseForContact(page, name) {
  await page.locator('.contact .page-header .menu-trigger').click();
  await page.locator(`[role=menuitem][data-value=${name}]`).click();
  await page.locator('dialog.dialog[open]').waitFor();
}

/** Opens a view, and waits until it has loaded. */
export async function open(dashboard, page, [, path, prepare]) {
  // Else the dialog of the view before would open again.
  await page.evaluate(() => sessionStorage.clear());
  await page.goto(`${dashboard.base}/${path}`);
  await settled(page);
  await prepare?.(page);
  await settled(page);
}

export async function settled(page) {
  await page.locator('.connection[data-state=live]').waitFor();
  await page.waitForFunction(() => document.querySelector('#main h1') && !document.querySelector('#main :not(.gallery *):is(.skeleton, .count-loading)'));
}
