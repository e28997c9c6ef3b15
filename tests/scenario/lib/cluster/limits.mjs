// Limits hold for all gateways together: what requests spread over three may do is exactly what one gateway allows.
import assert from 'node:assert/strict';
import { Client, readEmail } from '../client.mjs';
import { fromNewAddress } from '../portal.mjs';
import { sleep, until } from '../processes.mjs';

const REQUEST_LINK = `mutation ($email: EmailAddress!) { requestLoginEmail(input: { portal: "acme", email: $email }) { challengeId } }`;
const REQUEST_CODE = `mutation ($email: EmailAddress!) { requestLoginCode(input: { portal: "acme", email: $email }) { challengeId } }`;
const SIGN_IN = `mutation ($challengeId: ID!, $code: String!) { signInWithCode(input: { challengeId: $challengeId, code: $code }) {
  session { accessToken } refusal { reason } } }`;
const UNSENT = "select count(*) from messages where status in ('QUEUED', 'DEFERRED', 'SENDING')";
const AT_ONCE = 9;
const EMAILS_OF_SOURCE = 100;
const EMAILS_OF_ADDRESS = 5;
const ATTEMPTS_AT_CODE = 5;

async function post({ url }, query, variables, headers = fromNewAddress()) {
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(20_000) });
  return response.json();
}

// The results of `count` requests, by turns to each of these gateways, a few at once.
async function spread(gateways, count, send) {
  const results = [];
  let next = 0;
  const loop = async () => {
    for (let number = next++; number < count; number = next++) results.push(await send(gateways[number % gateways.length], number));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  return results;
}

// Emails that one source requests at a portal.
async function source(gateways) {
  const headers = fromNewAddress();
  const email = (number) => `stranger${number}-${headers['x-forwarded-for']}@example.com`;
  const results = await spread(gateways, EMAILS_OF_SOURCE + 11, (gateway, number) => post(gateway, REQUEST_LINK, { email: email(number) }, headers));
  const refused = results.filter(({ errors }) => errors);
  for (const { errors } of refused) assert.equal(errors[0].extensions.code, 'RATE_LIMITED');
  return results.length - refused.length;
}

// Emails to one address, in eight minutes: the database's times are moved instead of waiting.
async function address(gateways, { cluster, sink, email }) {
  const arrived = () => sink.mails.filter(({ to, raw }) => to === email && !/invit/i.test(readEmail(raw).subject)).length;
  for (let minute = 0; minute < 8; minute += 1) {
    const results = await spread(gateways, 9, (gateway) => post(gateway, REQUEST_LINK, { email }));
    for (const { errors } of results) assert.equal(errors, undefined, JSON.stringify(errors));
    await cluster.sql(`update challenges set created_at = created_at - interval '61 seconds' where email_key = '${email}'`);
  }
  await until('the emails have arrived', () => arrived() >= EMAILS_OF_ADDRESS, 30);
  // What would be sent too much has been written already.
  await until('all is sent', async () => await cluster.sql(UNSENT) === '0', 30);
  await sleep(500);
  return arrived();
}

// Attempts at one code.
async function code(gateways, { email }) {
  const { data } = await post(gateways[0], REQUEST_CODE, { email });
  const { challengeId } = data.requestLoginCode;
  const results = await spread(gateways, 12, (gateway) => post(gateway, SIGN_IN, { challengeId, code: '000000' }));
  const reasons = results.map(({ data: { signInWithCode } }) => signInWithCode.refusal.reason);
  const refused = reasons.filter((reason) => reason === 'TOO_MANY_ATTEMPTS').length;
  return reasons.length - refused;
}

const LIMITS = [
  ['emails that one source requests', EMAILS_OF_SOURCE, source],
  ['login emails to one address', EMAILS_OF_ADDRESS, address],
  ['attempts at one code', ATTEMPTS_AT_CODE, code],
];

// For each limit, how many requests passed at one gateway, and how many at three.
export async function measureLimits(cluster, key, sink) {
  const emails = LIMITS.flatMap((_, number) => [`limit${number}one@example.com`, `limit${number}all@example.com`]);
  const invite = 'mutation ($emails: [String!]!) { inviteContacts(input: { emails: $emails }) { count } }';
  await new Client(cluster.gateways[0], key).execute(invite, { emails });
  const rows = [];
  for (const [number, [name, limit, measure]] of LIMITS.entries()) {
    const one = await measure(cluster.gateways.slice(0, 1), { cluster, sink, email: emails[2 * number] });
    const all = await measure(cluster.gateways, { cluster, sink, email: emails[2 * number + 1] });
    rows.push({ name, limit, one, all });
  }
  return rows;
}

export function assertLimits(rows) {
  for (const { name, limit, one, all } of rows) assert.deepEqual({ one, all }, { one: limit, all: limit }, name);
}
