// A bare WebSocket: tests send the messages of the protocol themselves.
import WebSocket from 'ws';
import { Queue, within } from './portal.mjs';

export const PROTOCOL = 'graphql-transport-ws';

export class Socket {
  messages = new Queue();
  pings = new Queue();

  constructor(url, { protocol = PROTOCOL, ...options } = {}) {
    this.startedAt = performance.now();
    this.ws = new WebSocket(url, protocol, options);
    this.opened = new Promise((done, fail) => {
      this.ws.on('open', done);
      this.ws.on('error', fail);
      this.ws.on('close', () => fail(new Error('closed')));
    });
    this.opened.catch(() => {});
    this.ws.on('message', (data) => this.messages.push(JSON.parse(data)));
    this.ws.on('ping', () => this.pings.push(this.seconds()));
    this.closing = new Promise((done) => {
      this.ws.on('close', (code, reason) => done({ code, reason: reason.toString(), seconds: this.seconds() }));
    });
  }

  seconds() {
    return (performance.now() - this.startedAt) / 1000;
  }

  static async open(url, options) {
    const socket = new Socket(url, options);
    await within(10, 'the socket opens', socket.opened);
    return socket;
  }

  // Opened and acknowledged.
  static async ready(url, key, options) {
    const socket = await Socket.open(url, options);
    socket.send({ type: 'connection_init', payload: key ? { authorization: `Bearer ${key}` } : undefined });
    const { type } = await socket.next();
    if (type !== 'connection_ack') throw new Error(`${type} instead of connection_ack`);
    return socket;
  }

  send(message) {
    this.ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  subscribe(id, query, variables) {
    this.send({ type: 'subscribe', id, payload: { query, variables } });
  }

  next(seconds) {
    return this.messages.next('a message', seconds);
  }

  // The code and reason of the close.
  closed(seconds = 10) {
    return within(seconds, 'the close', this.closing);
  }

  // Whether the server still responds, and has sent nothing else in the meantime.
  async quiet() {
    const mark = `${Math.random()}`;
    this.send({ type: 'ping', payload: { mark } });
    const answer = await this.next();
    return answer.type === 'pong' && answer.payload.mark === mark || answer;
  }

  end() {
    this.ws.terminate();
  }
}
