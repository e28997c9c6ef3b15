// What the API says is wrong, in the words of the builder.
import { triggerWords } from '../../components/message_editor/trigger_words';
import { t } from '../../i18n';

const OF_STEP = /^Step ([a-z0-9_]+): /;

const IN_TEMPLATE = /^in the template (.+), line (\d+), column (\d+) of the (subject|body|text part): (.+)$/s;

const PARTS: Record<string, keyof typeof t.messageEditor.part> = { subject: 'SUBJECT', body: 'BODY', 'text part': 'TEXT' };

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function inTemplate(text: string): string {
  const [, template = '', line, column, part = '', problem = ''] = IN_TEMPLATE.exec(text) ?? [];
  const name = PARTS[part];
  return name ? t.workflows.inTemplate(template, t.messageEditor.place(t.messageEditor.part[name], Number(line), Number(column)), problem) : text;
}

/** `stepName` names the step that the message is about; without it, the place of the message says so. */
export function problemText(message: string, stepName?: (key: string) => string): string {
  const [prefix = '', key = ''] = OF_STEP.exec(message) ?? [];
  const text = capital(triggerWords(inTemplate(message.slice(prefix.length))));
  return prefix && stepName ? `${stepName(key)}: ${text}` : text;
}
