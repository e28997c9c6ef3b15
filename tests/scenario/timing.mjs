// Whether known and unknown addresses can be told apart: by the bytes of the answers, by their status, by their time.
// Prints a table; ends with 1 where they can. Nothing is discarded but a few requests that warm up.
//
// A row: an entry in ROWS. `who` names the two kinds of addresses that are compared; each try has an address that may be
// asked for that often.
import { parseArgs } from 'node:util';
import { folder } from './lib/processes.mjs';
import { SIGN_IN, addContacts, fromElsewhere, median, openPortal, quantile, setPasswords } from './lib/portal.mjs';

const { values: { tries: wanted, rows: only } } = parseArgs({ options: {
  tries: { type: 'string', default: '200' },
  rows: { type: 'string', default: '' },
} });
const TRIES = Number(wanted);
const WARM = 10;
const LIMIT = 5;

// A password is tried at most nine times in a row at one address; a mail is asked for once.
const PER_ADDRESS = 9;
const addresses = (kind, tries) =>
  Array.from({ length: Math.ceil((TRIES + WARM) / tries) }, (_, i) => `${kind}${i}@acme-${kind}.example`);

const WITH = addresses('with', PER_ADDRESS);
const WITHOUT = addresses('bare', PER_ADDRESS);
const NOBODY = addresses('none', PER_ADDRESS);
const once = (kind) => [addresses(`k${kind}`, 1), addresses(`u${kind}`, 1)];
const [RESET, NO_RESET] = once('reset');
const [CODE, NO_CODE] = once('code');
const [LINK, NO_LINK] = once('link');

const password = (email, turn) => [SIGN_IN, { email, password: `a wrong guess ${turn}` }];
const mail = (field, answer) => (email) => [
  `mutation ($email: EmailAddress!) { ${field}(input: { portal: "acme", email: $email }) { ${answer} } }`, { email }];

const ROWS = [
  { name: 'password', what: 'a wrong password, known with one · unknown', ask: password, who: [WITH, NOBODY], tries: PER_ADDRESS },
  { name: 'bare', what: 'a wrong password, known without one · unknown', ask: password, who: [WITHOUT, addresses('void', PER_ADDRESS)], tries: PER_ADDRESS },
  { name: 'reset', what: 'asking for a reset', ask: mail('requestPasswordReset', 'accepted'), who: [RESET, NO_RESET], tries: 1 },
  { name: 'code', what: 'asking for a code', ask: mail('requestLoginCode', 'challengeId expiresAt'), who: [CODE, NO_CODE], tries: 1 },
  { name: 'link', what: 'asking for a login email', ask: mail('requestLoginEmail', 'challengeId deviceSecret matchingNumber expiresAt'), who: [LINK, NO_LINK], tries: 1 },
].filter((row) => only === '' || only.split(',').includes(row.name));

// What is made anew for each answer, whoever asks: ids, secrets, times, the two digits. Its form is compared, not its value.
const shape = (text) => text
  .replace(/"(challengeId|deviceSecret|expiresAt|matchingNumber)":"[^"]*"/g, (whole, name) => `"${name}":${whole.length}`);

// Tries of both kinds in an order of chance. One after the other in turn would not do: the mail to a known address is sent
// while the next request runs, and would slow down the other kind each time.
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
  for (const [kind, turn] of [...shuffled(0, WARM), ...shuffled(WARM, WARM + TRIES)]) {
    const email = row.who[kind][Math.floor(turn / row.tries)];
    const answer = await caller.post(...row.ask(email, turn), fromElsewhere());
    statuses[kind].add(answer.status);
    bodies[kind].add(shape(answer.text));
    if (turn >= WARM) kinds[kind].push(answer.ms);
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
  console.log(`| ${TRIES} tries each, shuffled | known: median (p10 to p90) ms | unknown | medians differ by | status | bodies |`);
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
