// What the timeline says of an event.
import type { ResultOf } from '../../api';
import { graphql } from '../../api';
import type { IconName, Tone } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { FIELD_NAMES, labelOf } from './fields';

export const TIMELINE = graphql(`
  query ContactTimeline($id: ID!, $after: String) {
    contact(id: $id) {
      id
      timeline(first: 30, after: $after) {
        nodes {
          id kind at outcome method by subjectId changedFields
          message { id kind subject address status lastError }
          magicLink { id purpose section }
          course { id title }
          lesson { id title }
          community { id name }
          offer { id title }
          device network
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

export type Event = NonNullable<ResultOf<typeof TIMELINE>['contact']>['timeline']['nodes'][number];

type Look = { icon: IconName; tone: Tone };

const LOOKS: readonly (Look & { of: RegExp })[] = [
  { of: /^(JOINED|ACCESS_RESTORED|MAIL_RESUMED)$/, icon: 'check', tone: 'good' },
  { of: /^(ACCESS_REVOKED|CONTACT_DELETED|CONTACT_ERASED)$/, icon: 'stop', tone: 'bad' },
  { of: /^MESSAGE_(BOUNCED|COMPLAINED|FAILED)$/, icon: 'alert', tone: 'bad' },
  { of: /^(MESSAGE_DELAYED|MAIL_PAUSED|SIGN_IN_DENIED|PASSWORD_DISABLED|ADDRESS_CHANGED|MESSAGE_SUPPRESSED)$/, icon: 'alert', tone: 'warn' },
  { of: /^LINK_(SCANNED|USED_BY_SCANNER)$/, icon: 'eye', tone: 'warn' },
  { of: /REFUSED$/, icon: 'alert', tone: 'warn' },
  { of: /^(LINK_USED|SIGNED_IN|SIGN_IN_CONFIRMED|STEPPED_UP)$/, icon: 'user', tone: 'good' },
  { of: /^(SIGNED_OUT|SESSION_ENDED)$/, icon: 'logout', tone: 'none' },
  { of: /^(INVITED|INVITATION_)/, icon: 'invite', tone: 'busy' },
  { of: /^LINK_/, icon: 'link', tone: 'none' },
  { of: /^(MESSAGE_|LOGIN_EMAIL|LOGIN_REQUESTED)/, icon: 'mail', tone: 'none' },
  { of: /^(PASSWORD_|GOOGLE_)/, icon: 'key', tone: 'none' },
];

const look = (kind: string): Look => LOOKS.find(({ of }) => of.test(kind)) ?? { icon: 'clock', tone: 'none' };

const has = <Name extends string>(words: Record<Name, string>, name: string): name is Name => name in words;

/** The words of a code that the API may extend; the code itself if it is a new one. */
function wordOf(words: Record<string, string>, code: string): string {
  return has(words, code) ? (words[code] ?? code) : code;
}

type Sentence = Look & { text: string; details: string[]; href?: string };

// A link that is used a second time was first opened by a program that nobody signed in with.
const openedAgain = (event: Event, newer: readonly Event[]): boolean =>
  event.kind === 'LINK_USED' && event.subjectId !== null &&
  newer.some(({ kind, subjectId }) => kind === 'LINK_USED' && subjectId === event.subjectId);

/** `newer` are the events after it. */
export function sentenceOf(event: Event, newer: readonly Event[]): Sentence {
  const { kind, message, magicLink, method, outcome, changedFields, course, lesson, community, offer } = event;
  const scanner = openedAgain(event, newer);
  const details = [
    scanner ? t.contact.probablyScanner : '',
    outcome === 'OK' ? '' : wordOf(t.contact.outcomes, outcome),
    message ? (message.subject ?? t.words.messageKind[message.kind]) : '',
    magicLink ? `${t.words.linkPurpose[magicLink.purpose]} · ${t.words.section[magicLink.section]}` : '',
    course?.title ?? lesson?.title ?? community?.name ?? offer?.title ?? '',
    /^LINK_(USED|SCANNED|USED_BY_SCANNER|REFUSED)$/.test(kind) ? [event.device, event.network].filter(Boolean).join(' · ') : '',
    FIELD_NAMES.filter((name) => changedFields.includes(name)).map(labelOf).join(', '),
    method ? wordOf(t.words.sessionMethod, method) : '',
    message?.lastError && /BOUNCED|FAILED|DELAYED/.test(kind) ? message.lastError : '',
  ].filter(Boolean);
  return {
    ...(scanner ? { icon: 'eye', tone: 'warn' } as const : look(kind)),
    text: scanner ? t.contact.openedByProgram : wordOf(t.contact.events, kind),
    details,
    ...(message && { href: link(`messages/${message.id}`) }),
  };
}
