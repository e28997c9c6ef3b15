// The feed: events, the newest first, with bursts of one kind as one entry.
import type { Activity } from '../../api';

/** `count` is more than one for a burst; then `event` is its newest, and `key` stays the same while it grows. */
export type Entry = { key: string; event: Activity; count: number };

const BURST_MS = 5_000;
const BURST_SIZE = 4;

// Later events have greater ids.
const newestFirst = (one: Activity, other: Activity): number => (one.id < other.id ? 1 : -1);

/** The events with those that are new, without repeats. */
export function merged(events: readonly Activity[], fresh: readonly Activity[], limit: number): Activity[] {
  const byId = new Map([...events, ...fresh].map((event) => [event.id, event]));
  return [...byId.values()].sort(newestFirst).slice(0, limit);
}

/** Four or more events of a kind, each within five seconds of the next, become one entry, even if others lie between them. */
export function grouped(events: readonly Activity[]): Entry[] {
  const open = new Map<Activity['kind'], Activity[]>();
  const bursts: Activity[][] = [];
  for (const event of events) {
    const burst = open.get(event.kind);
    const last = burst?.[burst.length - 1];
    if (burst && last && Date.parse(last.at) - Date.parse(event.at) <= BURST_MS) {
      burst.push(event);
    } else {
      const started = [event];
      open.set(event.kind, started);
      bursts.push(started);
    }
  }
  return bursts
    .flatMap((burst) => {
      const [newest, oldest] = [burst[0], burst[burst.length - 1]];
      return newest && oldest && burst.length >= BURST_SIZE
        ? [{ key: oldest.id, event: newest, count: burst.length }]
        : burst.map((event) => ({ key: event.id, event, count: 1 }));
    })
    .sort((one, other) => newestFirst(one.event, other.event));
}
