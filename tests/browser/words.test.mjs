// How the dashboard words the state of a message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status, tone } from '../../web/dashboard/words.js';

test('states that are not plain words are explained', () => {
  const words = ['SENT', 'DEFERRED', 'KEPT', 'BOUNCED', 'CANCELLED'].map(status);
  assert.deepEqual(words, ['Sent', 'Waiting to retry', 'Kept on this server', 'Bounced', 'Not sent: no longer needed']);
});

test('a sent message with an error is a warning', () => {
  assert.equal(tone({ status: 'SENT', lastError: null }), 'good');
  assert.equal(tone({ status: 'SENT', lastError: 'Delivery is delayed' }), 'warn');
  assert.equal(tone({ status: 'BOUNCED', lastError: '550 5.1.1' }), 'bad');
});
