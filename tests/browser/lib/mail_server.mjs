// An SMTP server that answers by the recipient's name, so that messages get every state: `busy…` is deferred, `gone…` bounces.
import { createServer } from 'node:net';

export const REPLIES = { busy: '451 4.7.1 Try again later', gone: '550 5.1.1 No such user' };

export class MailServer {
  mails = [];

  static async start() {
    const mail = new MailServer();
    mail.server = createServer((socket) => mail.#serve(socket));
    await new Promise((done) => mail.server.listen(0, '127.0.0.1', done));
    mail.url = `smtp://127.0.0.1:${mail.server.address().port}?tls=none`;
    return mail;
  }

  stop() {
    this.server.close();
  }

  #serve(socket) {
    let data = null;
    let rest = '';
    const answer = (line) => socket.write(`${line}\r\n`);
    const receive = (line) => {
      if (data && line === '.') {
        this.mails.push(data.join('\r\n'));
        data = null;
        return answer('250 2.0.0 Accepted');
      }
      if (data) return data.push(line);
      if (/^RCPT/i.test(line)) return answer(REPLIES[/<(busy|gone)/.exec(line)?.[1]] ?? '250 2.1.5 OK');
      if (/^DATA/i.test(line)) {
        data = [];
        return answer('354 Go ahead');
      }
      return answer(/^QUIT/i.test(line) ? '221 Bye' : '250 OK');
    };
    answer('220 test ESMTP');
    socket.on('data', (chunk) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop();
      lines.forEach(receive);
    });
    socket.on('error', () => {});
  }
}
