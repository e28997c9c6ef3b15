// Workflows to start from. Their messages become templates, in the language of the reader.
import { ApiError } from '../../api';
import { t } from '../../i18n';
import type { CreateInput, TemplateInput } from './documents';
import { createTemplate, createWorkflow } from './documents';

export const STARTS = ['WELCOME', 'REMINDER', 'COMPLETED', 'EMPTY'] as const;

export type Start = (typeof STARTS)[number];

type Draft = Pick<CreateInput, 'triggers' | 'steps'>;

type Text = { subject: string; body: string };

/** Creates what the steps send; what was created stays for another attempt. */
class Messages {
  private readonly made = new Map<string, string>();

  async of(part: string, channel: TemplateInput['channel'], name: string, { subject, body }: Text): Promise<string> {
    const known = this.made.get(part);
    if (known) return known;
    const id = await this.create(channel, name, subject, body);
    this.made.set(part, id);
    return id;
  }

  /** A name that is taken gets a number. */
  private async create(channel: TemplateInput['channel'], name: string, subject: string, body: string, number = 1): Promise<string> {
    try {
      const content = channel === 'EMAIL' ? { format: 'MARKDOWN' as const, subject, body } : { format: 'TEXT' as const, body };
      return await createTemplate({ channel, name: number === 1 ? name : `${name} (${number})`, ...content });
    } catch (error) {
      const taken = error instanceof ApiError && error.code === 'CONFLICT' && number < 20;
      if (!taken) throw error;
      return this.create(channel, name, subject, body, number + 1);
    }
  }
}

const joined = { portalStatus: ['ACTIVE'] } as const;

async function welcome(messages: Messages, name: string): Promise<Draft> {
  const { start } = t.workflows;
  const email = await messages.of('email', 'EMAIL', start.emailName(name), start.welcome);
  const sms = await messages.of('sms', 'SMS', start.smsName(name), { subject: '', body: start.welcomeSms });
  return {
    triggers: [{ trigger: 'OFFER_ACCESS_GRANTED' }],
    steps: [
      { sendEmail: { key: 'send_email_1', templateId: email, next: 'wait_1' } },
      { wait: { key: 'wait_1', duration: { amount: 1, unit: 'DAYS' }, next: 'branch_1' } },
      { branch: { key: 'branch_1', condition: { portalStatus: [...joined.portalStatus] }, next: null, otherwise: 'send_sms_1' } },
      { sendSms: { key: 'send_sms_1', templateId: sms } },
    ],
  };
}

async function reminder(messages: Messages, name: string): Promise<Draft> {
  const { start } = t.workflows;
  const email = await messages.of('email', 'EMAIL', start.emailName(name), start.reminder);
  const sms = await messages.of('sms', 'SMS', start.smsName(name), { subject: '', body: start.reminderSms });
  return {
    triggers: [{ trigger: 'INVITATION_UNANSWERED', days: 3 }],
    steps: [
      { sendEmail: { key: 'send_email_1', templateId: email, next: 'wait_1' } },
      { wait: { key: 'wait_1', event: { trigger: 'CONTACT_JOINED' }, atMost: { amount: 4, unit: 'DAYS' }, next: null, otherwise: 'send_sms_1' } },
      { sendSms: { key: 'send_sms_1', templateId: sms } },
    ],
  };
}

async function completed(messages: Messages, name: string): Promise<Draft> {
  const { start } = t.workflows;
  const email = await messages.of('email', 'EMAIL', start.emailName(name), start.completed);
  return {
    triggers: [{ trigger: 'COURSE_COMPLETED' }],
    steps: [{ addTags: { key: 'add_tags_1', tags: [start.completedTag], next: 'send_email_1' } }, { sendEmail: { key: 'send_email_1', templateId: email } }],
  };
}

const DRAFTS: Record<Start, (messages: Messages, name: string) => Promise<Draft>> = { WELCOME: welcome, REMINDER: reminder, COMPLETED: completed, EMPTY: () => Promise.resolve({}) };

/** Creates a workflow, and again after a failure without what was created already. */
export function startFrom(): (start: Start, name: string) => Promise<string> {
  const made = new Map<Start, Messages>();
  return async (start, name) => {
    const messages = made.get(start) ?? new Messages();
    made.set(start, messages);
    return createWorkflow({ name, ...(await DRAFTS[start](messages, name)) });
  };
}
