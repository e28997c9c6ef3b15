import { Card, DescriptionList, Empty, Tabs, Time } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { MailFrame } from '../../components/mail_frame';
import type { Message } from './message';

type Props = { message: Message; sender: string; replyTo: string | null };

export function Content({ message, sender, replyTo }: Props) {
  const { channel, html, text } = message;
  const isEmail = channel === 'EMAIL';
  const view = html === null || (text !== null && params.value.get('view') === 'text') ? 'text' : 'email';
  return (
    <Card title={t.messages.content}>
      {isEmail && <Headers message={message} sender={sender} replyTo={replyTo} />}
      {html === null && text === null ? <Empty icon="mail" title={t.messages.noContent} /> : (
        <>
          <p class="hint">{isEmail ? t.messages.masked : t.messages.maskedSms}</p>
          {html !== null && text !== null && (
            <Tabs label={t.messages.views} current={view} onChange={(id) => setParams({ view: id === 'text' ? id : '' })}
              tabs={[{ id: 'email', label: t.messages.asEmail }, { id: 'text', label: t.messages.asText }]} />
          )}
          <div role={isEmail ? 'tabpanel' : undefined} aria-label={isEmail ? (view === 'text' ? t.messages.asText : t.messages.asEmail) : undefined}>
            {view === 'text' ? <pre class={isEmail ? 'message-text' : 'editor-sms'} dir="auto">{text}</pre> : html !== null && <MailFrame html={html} />}
          </div>
        </>
      )}
    </Card>
  );
}

const Headers = ({ message, sender, replyTo }: Props) => (
  <details class="message-headers">
    <summary>{t.messages.headers}</summary>
    <DescriptionList items={[
      { label: t.messages.sender, value: <bdi>{sender}</bdi> },
      ...(replyTo ? [{ label: t.messages.replyTo, value: <bdi>{replyTo}</bdi> }] : []),
      { label: t.messages.recipient, value: <bdi>{message.address}</bdi> },
      { label: t.messages.subject, value: message.subject === null ? null : <bdi>{message.subject}</bdi> },
      { label: t.messages.sentAt, value: <Time at={message.sentAt} style="full" /> },
      { label: t.messages.id, value: <code>{message.id}</code> },
    ]} />
  </details>
);
