// All requests to the server: its public GraphQL API, with the session cookie of the account in `data-account`.

const account = document.body.dataset.account;

export class ApiError extends Error {
  constructor(message, extensions = {}) {
    super(message);
    this.code = extensions.code;
    this.field = extensions.field;
    this.retryAfter = extensions.retryAfter;
  }

  static of(error) {
    const { retryAfter } = error.extensions ?? {};
    const wait = Number.isFinite(retryAfter) ? ` Try again in ${retryAfter} s.` : "";
    return new ApiError(`${error.message}${wait}`, error.extensions);
  }
}

async function post(body, headers = {}) {
  let response;
  try {
    response = await fetch("/graphql", {
      method: "POST",
      credentials: "same-origin",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "Vestibule-Account": account,
        "X-Vestibule-CSRF": "1",
        ...headers,
      },
      body,
    });
  } catch {
    throw new ApiError("The server can’t be reached. Your input is kept: try again in a moment.");
  }
  const result = await response.json().catch(() => null);
  if (result?.errors?.length) throw ApiError.of(result.errors[0]);
  if (!result?.data) throw new ApiError(`The server responded with status ${response.status}. Try again in a moment.`);
  return result.data;
}

export const query = (document, variables = {}) => post(JSON.stringify({ query: document, variables }));

// A request whose response was lost is sent again with the same key: the server repeats the first response.
let pending = null;

export async function mutate(document, variables) {
  const body = JSON.stringify({ query: document, variables });
  if (pending?.body !== body) pending = { body, key: randomKey() };
  try {
    const data = await post(body, { "Idempotency-Key": pending.key });
    pending = null;
    return data;
  } catch (error) {
    if (error.code) pending = null;
    throw error;
  }
}

function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

let listener = { state() {}, refused() {}, back() {} };
let ended = false;

export const onConnection = (handlers) => {
  listener = handlers;
};

const client = globalThis.graphqlWs.createClient({
  url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/graphql`,
  connectionParams: { account },
  lazy: true,
  keepAlive: 15_000,
  retryAttempts: Infinity,
  shouldRetry: () => !ended,
  retryWait: (retries) =>
    new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** retries, 10_000) * (0.75 + Math.random() / 2))),
  on: {
    connected(_socket, _payload, wasRetry) {
      listener.state("live");
      if (wasRetry) listener.back();
    },
    closed(event) {
      if (ended) return;
      listener.state("waiting");
      if (event?.code === 4401 || event?.code === 4403) listener.refused();
    },
  },
});

/** Subscribes until the returned function is called; survives lost connections. */
export function watch(document, variables, { next, failed, done = () => {} }) {
  return client.subscribe(
    { query: document, variables },
    {
      next: (result) => (result.errors?.length ? failed(ApiError.of(result.errors[0])) : next(result.data)),
      // graphql-ws passes GraphQL errors as a list, and the last CloseEvent when it stops retrying.
      error: (error) => failed(error?.length ? ApiError.of(error[0]) : new ApiError("The live connection was refused. Reload the page to try again.")),
      complete: done,
    },
  );
}

export function closeLive() {
  ended = true;
  // Rejects if it interrupts a connection that is being opened.
  Promise.resolve(client.dispose()).catch(() => {});
}
