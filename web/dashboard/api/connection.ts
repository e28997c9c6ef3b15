// The live connection: one WebSocket for all subscriptions, opened again after sleep, a lost network or a restart of the server.
import { signal } from '@preact/signals';
import { createClient } from 'graphql-ws';
import { boot } from './boot';
import { checkSession } from './session';

type ConnectionState = 'connecting' | 'live' | 'waiting';

export const connection = signal<ConnectionState>('connecting');

/** Grows whenever what is shown may be out of date: after a reconnection. Lists and queries read again. */
export const epoch = signal(0);

const MAX_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 500;

let wake: (() => void) | null = null;

function wait(retries: number): Promise<void> {
  const milliseconds = Math.min(FIRST_WAIT_MS * 2 ** retries, MAX_WAIT_MS) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

// The network is back or the computer awake: don't wait for the timer.
addEventListener('online', () => wake?.());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) wake?.();
});

export const socket = createClient({
  url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/graphql`,
  connectionParams: { account: boot.account },
  lazy: true,
  keepAlive: 10_000,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: wait,
  on: {
    connected(_socket, _payload, wasRetry) {
      connection.value = 'live';
      if (wasRetry) {
        epoch.value += 1;
        void checkSession();
      }
    },
    closed(event) {
      connection.value = 'waiting';
      const { code } = event as CloseEvent;
      if (code === 4401 || code === 4403) void checkSession();
    },
    ping(received) {
      if (!received) expectPong();
    },
    pong(received) {
      if (received) clearTimeout(overdue);
    },
  },
});

// After sleep or a change of network a socket can look open for minutes: without a pong within 5 s it is closed.
let overdue: ReturnType<typeof setTimeout> | undefined;

function expectPong(): void {
  clearTimeout(overdue);
  overdue = setTimeout(() => socket.terminate(), 5_000);
}
