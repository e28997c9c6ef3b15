// Kills a part of the cluster under load and measures what clients notice.
import assert from 'node:assert/strict';
import { sleep, until } from '../processes.mjs';
import { table } from './report.mjs';

// It is over when nothing has failed for this long, and each kind of request, an email and the counts of each gateway have come.
const CALM_MS = 2_000;
// Typed, or cut off by a kill on the way.
const FAILURES = /^(UNAVAILABLE|no response|status 502)/;
const COLUMNS = ['killed', 'failed requests', 'of these `UNAVAILABLE`', 'the last one failed after', 'longest time without a read', 'without a write',
  'without an email', 'without new counts on a gateway', 'all parts work again after'];

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

// The longest time between two of these moments, or from an end of the span to the next of them.
function longestGap(moments, from, to) {
  const within = moments.filter((at) => at > from && at < to).sort((one, other) => one - other);
  return [...within, to].reduce(({ gap, last }, at) => ({ gap: Math.max(gap, at - last), last: at }), { gap: 0, last: from }).gap;
}

export class Drill {
  rows = [];

  constructor({ loads, watches, sink }) {
    Object.assign(this, { loads, watches, sink });
  }

  attempts() {
    return this.loads.flatMap(({ seen }) => seen).map((attempt) => ({ ...attempt, end: attempt.at + attempt.ms }));
  }

  // When requests of these kinds were served.
  served(...kinds) {
    return this.attempts().filter(({ kind, outcome }) => kinds.includes(kind) && outcome === 'OK').map(({ end }) => end);
  }

  // When emails arrived whose invitations were accepted after `since`.
  emails(since = 0) {
    const accepted = new Map(this.loads.flatMap((load) => [...load.accepted]));
    return this.sink.mails.filter(({ to }) => accepted.get(to) > since).map(({ at }) => at);
  }

  frames() {
    return this.watches.map(({ frames }) => frames.map(({ at }) => at));
  }

  lastFailure(since) {
    return Math.max(since, ...this.attempts().filter(({ end, outcome }) => end > since && outcome !== 'OK').map(({ end }) => end));
  }

  calm(since) {
    const series = [this.served('query'), this.served('mutation'), this.served('page'), this.emails(since), ...this.frames()];
    return performance.now() - this.lastFailure(since) > CALM_MS && series.every((moments) => moments.some((at) => at > since));
  }

  // Waits until all is well, does it, waits until all is well again, and adds a row to the table.
  async run(name, fault) {
    const before = performance.now();
    await until(`all is well before: ${name}`, () => this.calm(before), 60);
    const began = performance.now();
    await fault();
    const repaired = performance.now();
    await until(`all is well after: ${name}`, () => this.calm(repaired), 90);
    this.report(name, began, repaired, performance.now());
  }

  report(name, began, repaired, ended) {
    const failed = this.attempts().filter(({ end, outcome }) => end > began && end < ended && outcome !== 'OK');
    for (const { outcome } of failed) assert.match(outcome, FAILURES, name);
    const typed = failed.filter(({ outcome }) => outcome.startsWith('UNAVAILABLE')).length;
    const gap = (moments) => seconds(longestGap(moments, began, ended));
    const counts = Math.max(...this.frames().map((moments) => longestGap(moments, began, ended)));
    this.rows.push([name, failed.length, typed, failed.length ? seconds(this.lastFailure(began) - began) : '–', gap(this.served('query', 'page')),
      gap(this.served('mutation')), gap(this.emails()), seconds(counts), seconds(repaired - began)]);
    console.log(this.rows.at(-1).join(' | '));
  }

  table() {
    return table(COLUMNS, this.rows);
  }

  // Whatever was killed: a gateway's counts never go back to an older state.
  assertVersionsGrow() {
    for (const { frames, server } of this.watches) {
      for (let i = 1; i < frames.length; i += 1) {
        assert.ok(frames[i].version >= frames[i - 1].version, `${server.name}: version ${frames[i].version} after ${frames[i - 1].version}`);
      }
    }
  }
}

// As a supervisor does it: a second later.
export async function restart(part) {
  await sleep(1_000);
  await part.start();
}
