// Checks that known and unknown addresses can't be distinguished by the bytes, the status or the time of responses.
// Prints a table, and exits with 1 if they can. Only a few warm-up requests are discarded.
//
// To add a row: an entry in ROWS. `who` has the two kinds of addresses to compare; `perAddress` is how often an address may be used.
import { parseArgs } from 'node:util';
import { folder } from './lib/processes.mjs';
import { SIGN_IN, addContacts, fromNewAddress, median, openPortal, quantile, setPasswords } from './lib/portal.mjs';

const { values: { attempts: wanted, rows: only } } = parseArgs({ options: {
  attempts: { type: 'string', default: '200' },
  rows: { type: 'string', default: '' },
} });
const ATTEMPTS = Number(wanted);
const WARM = 10;
const LIMIT = 5;

// At most nine attempts at a password are made in a row at one address; an email is requested once.
const PER_ADDRESS = 9;
const addresses = (kind, perAddress) =>
  Array.from({ length: Math.ceil((ATTEMPTS + WARM) / perAddress) }, (_, i) => `${kind}${i}@acme-${kind}.example`);

const WITH = addresses('with', PER_ADDRESS);
const WITHOUT = addresses('bare', PER_ADDRESS);
const UNKNOWN = addresses('none', PER_ADDRESS);
const once = (kind) => [addresses(`k${kind}`, 1), addresses(`u${kind}`, 1)];
const [RESET, NO_RESET] = once('reset');
const [CODE, NO_CODE] = once('code');
const [LINK, NO_LINK] = once('link');

const password = (email, turn) => [SIGN_IN, { email, password: `a wrong guess ${turn}` }];
const mail = (field, selection) => (email) => [
  `mutation ($email: EmailAddress!) { ${field}(input: { portal: "acme", email: $email }) { ${selection} } }`, { email }];

const ROWS = [
  { name: 'password', what: 'a wrong password, known with one · unknown', request: password, who: [WITH, UNKNOWN], perAddress: PER_ADDRESS },
  { name: 'bare', what: 'a wrong password, known without one · unknown', request: password, who: [WITHOUT, addresses('void', PER_ADDRESS)], perAddress: PER_ADDRESS },
  { name: 'reset', what: 'requesting a reset', request: mail('requestPasswordReset', 'accepted'), who: [RESET, NO_RESET], perAddress: 1 },
  { name: 'code', what: 'requesting a code', request: mail('requestLoginCode', 'challengeId expiresAt'), who: [CODE, NO_CODE], perAddress: 1 },
  { name: 'link', what: 'requesting a login email', request: mail('requestLoginEmail', 'challengeId deviceSecret matchingNumber expiresAt'), who: [LINK, NO_LINK], perAddress: 1 },
].filter((row) => only === '' || only.split(',').includes(row.name));

// Ids, secrets, times and matching numbers differ in each response: only their length is compared.
const shape = (text) => text
  .replace(/"(challengeId|deviceSecret|expiresAt|matchingNumber)":"[^"]*"/g, (whole, name) => `"${name}":${whole.length}`);

// Attempts of both kinds in random order. Alternating would not do: the email to a known address is sent during the next
// request, and would always slow down the other kind.
function shuffled(from, to) {
  const all = [0, 1].flatMap((kind) => Array.from({ length: to - from }, (_, i) => [kind, from + i]));
  for (let i = all.length - 1; i > 0; i -= 1) {
    const j = Math.floor(Math.random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

async function measure(caller, row) {
  const kinds = [[], []];
  const [statuses, bodies] = [[new Set(), new Set()], [new Set(), new Set()]];
  for (const [kind, turn] of [...shuffled(0, WARM), ...shuffled(WARM, WARM + ATTEMPTS)]) {
    const email = row.who[kind][Math.floor(turn / row.perAddress)];
    const response = await caller.post(...row.request(email, turn), fromNewAddress());
    statuses[kind].add(response.status);
    bodies[kind].add(shape(response.text));
    if (turn >= WARM) kinds[kind].push(response.ms);
  }
  const [known, unknown] = kinds.map(median);
  const same = (sets) => [...sets[0], ...sets[1]].every((one) => sets[0].has(one) && sets[1].has(one));
  return {
    row, known, unknown, spread: kinds.map((all) => [quantile(all, 0.1), quantile(all, 0.9)]),
    difference: (100 * Math.abs(known - unknown)) / unknown,
    statuses: same(statuses) ? [...statuses[0]].join(' ') : 'DIFFER',
    bodies: same(bodies) && bodies[0].size === 1 ? 'the same' : `DIFFER: ${[...bodies[0]].join(' ')} / ${[...bodies[1]].join(' ')}`,
  };
}

const place = await folder();
const portal = await openPortal(place.path);
let failed = false;
try {
  await addContacts(portal, [...new Set(ROWS.flatMap((row) => row.who[0]))]);
  if (ROWS.some((row) => row.who[0] === WITH)) await setPasswords(portal, WITH, 'three green elephants');
  console.log(`| ${ATTEMPTS} attempts each, shuffled | known: median (p10 to p90) ms | unknown | medians differ by | status | bodies |`);
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const row of ROWS) {
    const seen = await measure(portal.caller, row);
    const time = (middle, [low, high]) => `${middle.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
    const bad = seen.difference >= LIMIT || seen.statuses === 'DIFFER' || seen.bodies !== 'the same';
    failed ||= bad;
    console.log(`| ${row.what} | ${time(seen.known, seen.spread[0])} | ${time(seen.unknown, seen.spread[1])} `
      + `| ${seen.difference.toFixed(1)} %${bad ? ' **too much**' : ''} | ${seen.statuses} | ${seen.bodies} |`);
  }
} finally {
  portal.caller.close();
  await portal.server.stop();
  await place.remove();
}
if (failed) process.exitCode = 1;
