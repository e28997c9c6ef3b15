// What an event says: the words of its kind, with the names of those concerned.
import { t } from '../../i18n';
import type { AuditEvent, Kind } from './documents';

export type Names = ReadonlyMap<string, string>;

/** A name among the words. */
type Part = string | { name: string };

const has = <Name extends string>(words: Record<Name, string>, name: string): name is Name => name in words;

export const outcomeOf = (outcome: string): string => (has(t.audit.outcomes, outcome) ? t.audit.outcomes[outcome] : outcome);

export const methodOf = (method: string): string => (has(t.words.sessionMethod, method) ? t.words.sessionMethod[method] : method);

export function actorOf({ actor }: AuditEvent): string {
  if (actor.id === 'anonymous') return t.audit.visitor;
  if (actor.id === 'system') return t.audit.system;
  return actor.display ?? actor.id;
}

export function contactOf({ contact, contactId }: AuditEvent): string | null {
  if (contact) return contact.name ?? contact.email ?? t.audit.someContact;
  return contactId ? t.audit.deletedContact : null;
}

function subjectOf({ subjectId, kind }: AuditEvent, names: Names): string {
  const name = subjectId && names.get(subjectId);
  if (name) return name;
  return kind.startsWith('API_KEY') ? t.audit.someKey : t.audit.someMember;
}

/** Whom the event is about: the contact, else the member, else whoever did it. */
function personOf(event: AuditEvent, names: Names): string {
  const member = event.subjectId?.startsWith('member_') ? subjectOf(event, names) : null;
  return contactOf(event) ?? member ?? actorOf(event);
}

const GENERIC = () => ({ actor: t.audit.someone, contact: t.audit.someContact, subject: '…', person: t.audit.someone });

// Names keep their letter case: addresses are names too.
const startsSmall = (word: string): boolean =>
  [t.audit.someone, t.audit.visitor, t.audit.system, t.audit.someContact, t.audit.deletedContact, t.audit.someMember, t.audit.someKey].includes(word);

function fill(kind: Kind, values: Record<string, string>): Part[] {
  const words: Record<string, string> = t.audit.sentences;
  const pieces = (words[kind] ?? `{actor}: ${kind}`).split(/\{(\w+)\}/);
  const parts = pieces.map((piece, index): Part => (index % 2 ? { name: values[piece] ?? piece } : piece)).filter((part) => part !== '');
  const [first, ...rest] = parts;
  if (typeof first !== 'object' || !startsSmall(first.name)) return parts;
  return [{ name: first.name.charAt(0).toUpperCase() + first.name.slice(1) }, ...rest];
}

export const sentenceOf = (event: AuditEvent, names: Names): Part[] => fill(event.kind, {
  actor: actorOf(event), contact: contactOf(event) ?? t.audit.someContact, subject: subjectOf(event, names), person: personOf(event, names),
});

export const textOf = (parts: readonly Part[]): string => parts.map((part) => (typeof part === 'string' ? part : part.name)).join('');

/** The words of a kind without names, for the filter. */
export const kindText = (kind: Kind): string => textOf(fill(kind, GENERIC()));
