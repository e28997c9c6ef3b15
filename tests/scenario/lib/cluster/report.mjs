// The results of a cluster's gateways as Markdown.
export function table(columns, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}

const ms = (value) => `${value.toFixed(0)} ms`;
const exact = (value) => `${value.toFixed(1)} ms`;
const times = (value) => `${value.toFixed(2)} ×`;

export function latencyTable(rows) {
  return table(['counts shown by', 'p50', 'p99', 'against the gateway that made the change', 'against a single server'],
    rows.map(({ name, p50, p99, toOwn, toSingle }) => [name, exact(p50), exact(p99), times(toOwn), times(toSingle)]));
}

export function limitsTable(rows) {
  return table(['limit', 'at most', 'passed at one gateway', 'passed at three'], rows.map(({ name, limit, one, all }) => [name, limit, one, all]));
}

export function revocationsTable(rows) {
  return table(['revoked at gateway 1', 'NATS', 'the others refuse after', 'their subscriptions end after'],
    rows.map(({ name, nats, refused, ended }) => [name, nats ? 'runs' : 'stopped', ms(refused), ms(ended)]));
}

export function rollingText({ sockets, requests, failed }) {
  return `${sockets.count} sockets of a gateway that stops: closed with ${sockets.codes.join(', ')} within ${ms(sockets.closedWithin)}, open again `
    + `after ${ms(sockets.first)} to ${ms(sockets.last)} (median ${ms(sockets.p50)}), at most ${sockets.densest} within 100 ms. `
    + `Three gateways restarted in turn: ${requests} requests, ${failed.length} failed.`;
}
