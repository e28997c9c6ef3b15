// Runs the audits of the GraphQL over HTTP reference implementation.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { Portal } from './lib/portal.mjs';

let portal;
before(async () => { portal = await Portal.start(); });
after(() => portal?.stop());

test('all audits of graphql-http pass without a warning', async () => {
  const audits = serverAudits({ url: portal.graphql });
  assert.equal(audits.length, 61);
  const results = [];
  for (const audit of audits) results.push(await audit.fn());
  const failures = results.filter(({ status }) => status !== 'ok').map(({ status, name, reason }) => `${status}: ${name}: ${reason}`);
  assert.deepEqual(failures, []);
});
