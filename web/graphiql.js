import { examples } from "./graphiql/examples.js";

const { React, ReactDOM, GraphiQL, graphqlWs } = globalThis;
const { createElement } = React;

// Opened from the dashboard: its session cookie is the credential for this account, no key is needed.
const requested = new URLSearchParams(location.search).get("account") ?? "";
const account = /^[a-z0-9-]{1,63}$/.test(requested) ? requested : null;

const firstHeaders = account
  ? { "Vestibule-Account": account }
  : { Authorization: "Bearer <API key or access token>" };

const PLACEHOLDER = /<.*>/;
let lastCredential = null;

/** A tab's headers. A credential typed in one tab is used in all tabs that still have the placeholder. */
function typed(headers = {}) {
  const filled = Object.entries(headers).filter(([, value]) => !PLACEHOLDER.test(String(value)));
  const credential = filled.find(([name]) => name.toLowerCase() === "authorization");
  if (credential) lastCredential = credential;
  else if (lastCredential && header(headers, "authorization")) filled.push(lastCredential);
  return Object.fromEntries(filled);
}

function header(headers, name) {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found && String(found[1]);
}

async function post(request, headers) {
  const response = await fetch("/graphql", {
    method: "POST",
    credentials: "same-origin",
    headers: {
      ...headers,
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-Vestibule-CSRF": "1",
    },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return { errors: [{ message: `The server responded with ${response.status} ${response.statusText}`.trim() }] };
  }
}

function subscribe(request, headers) {
  const authorization = header(headers, "authorization");
  const named = header(headers, "vestibule-account");
  const client = graphqlWs.createClient({
    url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/graphql`,
    connectionParams: { ...(authorization && { authorization }), ...(named && { account: named }) },
    retryAttempts: 5,
  });
  return client.iterate(request);
}

function isSubscription(name, ast) {
  const operations = ast?.definitions.filter(({ kind }) => kind === "OperationDefinition") ?? [];
  const chosen = name ? operations.find((operation) => operation.name?.value === name) : operations[0];
  return chosen?.operation === "subscription";
}

function fetcher(request, options = {}) {
  const headers = typed(options.headers);
  const live = isSubscription(request.operationName, options.documentAST);
  return live ? subscribe(request, headers) : post(request, headers);
}

// Variables and results can hold tokens: sessionStorage ends with the tab.
const storage = {
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) => sessionStorage.setItem(key, value),
  removeItem: (key) => sessionStorage.removeItem(key),
  clear: () => sessionStorage.clear(),
  get length() {
    return sessionStorage.length;
  },
};

const headers = JSON.stringify(firstHeaders, null, 2);

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  createElement(
    GraphiQL,
    {
      fetcher,
      storage,
      defaultHeaders: headers,
      defaultTabs: examples.map(({ query, variables }) => ({
        query,
        variables: variables && JSON.stringify(variables, null, 2),
        headers,
      })),
      defaultEditorToolsVisibility: "headers",
      shouldPersistHeaders: false,
      inputValueDeprecation: true,
    },
    createElement(GraphiQL.Logo, null, createElement("span", { className: "playground-name" },
      createElement("a", { href: "/" }, "Vestibule"))),
  ),
);
