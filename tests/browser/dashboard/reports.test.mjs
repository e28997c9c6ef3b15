// A delivery report that the mail server pipes into `vestibule bounces` changes an open dashboard.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { BIN } from '../../scenario/lib/processes.mjs';
import { Dashboard } from '../lib/dashboard.mjs';
import { invite } from '../lib/invite.mjs';
import { MailServer } from '../lib/mail_server.mjs';

let mail;
let dashboard;
let page;

before(async () => {
  mail = await MailServer.start();
  dashboard = await Dashboard.start({ SMTP_URL: mail.url });
  page = await dashboard.signIn('messages');
});

after(async () => {
  await dashboard?.stop();
  mail?.stop();
});

const report = (messageId) => `Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; fine@people.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <fine@people.example>: user unknown

--b
Content-Type: text/rfc822-headers

Message-ID: <${messageId}>

--b--
`;

test('a message becomes bounced without a reload', async () => {
  await invite(page, dashboard.server, 'fine@people.example');
  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'fine@people.example' });
  await row.getByText('Sent', { exact: true }).waitFor();
  const mailed = mail.mails.find((text) => /^To: .*fine@people\.example/im.test(text));
  const command = spawn(BIN, ['bounces', '-'], { env: dashboard.server.env, stdio: ['pipe', 'ignore', 'inherit'] });
  command.stdin.end(report(/^Message-ID: <(.*)>/im.exec(mailed)[1]));
  assert.equal(await new Promise((done) => command.on('exit', done)), 0);
  await row.getByText('Bounced').waitFor();
  await row.getByText('550 5.1.1 <f***@people.example>: user unknown').waitFor();
  assert.deepEqual(page.errors, []);
});
