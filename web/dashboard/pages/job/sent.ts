// What a job of messages sends. The API doesn't say it of a job: the tab that composed the message remembers it.
import { readTab, tabKey } from '../../api';
import { t } from '../../i18n';

export type SentMessage = {
  kind: 'EMAIL' | 'MARKETING' | 'SMS';
  /** The subject of an email, the beginning of a text message. */
  words: string;
  template: string | null;
};

const key = (jobId: string) => tabKey(`message.${jobId}`);

const MOST = 120;

export function remember(jobId: string, { words, ...rest }: SentMessage): void {
  const short = Array.from(words);
  try {
    sessionStorage.setItem(key(jobId), JSON.stringify({ ...rest, words: short.length > MOST ? `${short.slice(0, MOST).join('')}…` : words }));
  } catch {
    // The storage is full or blocked: the job says less.
  }
}

/** “Email · News · Template: Reminder”. */
export function sentText(jobId: string): string | undefined {
  const sent = readTab(key(jobId)) as SentMessage | null;
  if (!sent) return undefined;
  const template = sent.template && sent.template !== sent.words ? `${t.templates.template}: ${sent.template}` : '';
  return [t.compose.kindOf[sent.kind], sent.words, template].filter(Boolean).join(' · ');
}
