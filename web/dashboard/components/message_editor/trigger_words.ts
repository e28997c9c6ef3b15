// What the API says of triggers, in the words of the builder of workflows.
import { t } from '../../i18n';
import type { Problem, Trigger } from './documents';

const NAME = /\b[A-Z]+(?:_[A-Z]+)+\b/g;

const ONLY_WORKFLOWS = /Only workflows with these triggers have it: ([A-Z_, ]+)\./;

const isTrigger = (name: string): name is Trigger => name in t.workflows.trigger;

/** The triggers of the workflows that have the merge field; null if the message says something else. */
export function onlyIn({ message }: Pick<Problem, 'message'>): Trigger[] | null {
  const [, names] = ONLY_WORKFLOWS.exec(message) ?? [];
  return names === undefined ? null : names.split(', ').filter(isTrigger);
}

export const triggerNames = (triggers: readonly Trigger[]): string => triggers.map((trigger) => t.workflows.trigger[trigger]).join(', ');

/** A message of the API with the names that the builder gives to triggers. */
export function triggerWords(message: string): string {
  const only = onlyIn({ message }) ?? [];
  return message.replace(ONLY_WORKFLOWS, () => t.messageEditor.onlyInWorkflows(triggerNames(only))).replace(NAME, (name) => (isTrigger(name) ? t.workflows.quoted(t.workflows.trigger[name]) : name));
}
