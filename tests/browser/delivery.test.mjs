// The delivery state of messages on the dashboard, with an SMTP server that accepts, defers and refuses, and a report that
// comes back later.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { BIN, folder, Server } from '../scenario/lib/processes.mjs';

const REPLIES = { busy: '451 4.7.1 Try again later', gone: '550 5.1.1 No such user' };
const mails = [];
let home;
let smtp;
let server;
let browser;
let page;

// Answers RCPT by the name of the recipient, and keeps the data of accepted messages.
function serveMail(socket) {
  let data = null;
  const answer = (line) => socket.write(`${line}\r\n`);
  answer('220 test ESMTP');
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\r\n');
    rest = lines.pop();
    for (const line of lines) {
      if (data && line === '.') {
        mails.push(data.join('\r\n'));
        data = null;
        answer('250 2.0.0 Accepted');
      } else if (data) data.push(line);
      else if (/^RCPT/i.test(line)) answer(REPLIES[/<(\w+)@/.exec(line)[1]] ?? '250 2.1.5 OK');
      else if (/^DATA/i.test(line)) { data = []; answer('354 Go ahead'); }
      else answer(/^QUIT/i.test(line) ? '221 Bye' : '250 OK');
    }
  });
  socket.on('error', () => {});
}

before(async () => {
  home = await folder();
  smtp = createServer(serveMail);
  await new Promise((done) => smtp.listen(0, '127.0.0.1', done));
  server = await new Server(home.path, { SMTP_URL: `smtp://127.0.0.1:${smtp.address().port}?tls=none` }).start('--demo');
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  page = await browser.newPage();
  await page.goto(/http\S+\/dashboard\/link\/\S+/.exec(server.output)[0]);
  await page.getByRole('button').click();
  await page.waitForURL(/\/dashboard\/demo$/);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  smtp?.close();
  await home?.remove();
});

const row = (name) => page.locator('#messages tr').filter({ hasText: `${name}@people.example` });

test('each message shows its state, its next attempt and the reply', async () => {
  await page.getByLabel(/addresses/i).fill('fine@people.example, busy@people.example, gone@people.example');
  await page.getByRole('button', { name: 'Send invitations' }).click();
  await row('fine').getByText('Sent', { exact: true }).waitFor();
  await row('busy').getByText('Waiting to retry').waitFor();
  await row('busy').getByText(REPLIES.busy).waitFor();
  await row('busy').getByText(/^Next try in \d+ seconds$/).waitFor();
  await row('gone').getByText('Bounced').waitFor();
  await row('gone').getByText(REPLIES.gone).waitFor();
});

test('a report that the mail server pipes in changes the row without a reload', async () => {
  const messageId = /^Message-ID: <(.*)>/im.exec(mails[0])[1];
  const report = `Content-Type: multipart/report; report-type=delivery-status; boundary=b

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
  const command = spawn(BIN, ['bounces', '-'], { env: server.env, stdio: ['pipe', 'ignore', 'inherit'] });
  command.stdin.end(report);
  assert.equal(await new Promise((done) => command.on('exit', done)), 0);
  await row('fine').getByText('Bounced').waitFor();
  await row('fine').getByText('550 5.1.1 <f***@people.example>: user unknown').waitFor();
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/delivery.png`, fullPage: true });
});
