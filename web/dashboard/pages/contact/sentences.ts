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
          message { id kind subject address status lastError createdBy }
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

type Message = NonNullable<Event['message']>;

type Look = { icon: IconName; tone: Tone };

const LOOKS: readonly (Look & { of: RegExp })[] = [
  { of: /^(JOINED|NEW_SIGN_UP|ACCESS_RESTORED|MAIL_RESUMED|SMS_RESUMED|RESUBSCRIBED)$/, icon: 'check', tone: 'good' },
  { of: /^PORTAL_VIEW_/, icon: 'eye', tone: 'none' },
  { of: /^CONTACT_MERGED$/, icon: 'people', tone: 'none' },
  { of: /^CONTACT_EXPORTED$/, icon: 'download', tone: 'none' },
  { of: /^(ACCESS_REVOKED|CONTACT_DELETED|CONTACT_ERASED)$/, icon: 'stop', tone: 'bad' },
  { of: /^MESSAGE_(BOUNCED|COMPLAINED|FAILED)$/, icon: 'alert', tone: 'bad' },
  { of: /^(MESSAGE_DELAYED|MAIL_PAUSED|SMS_STOPPED|UNSUBSCRIBED|SIGN_IN_DENIED|PASSWORD_DISABLED|ADDRESS_CHANGED|MESSAGE_SUPPRESSED)$/, icon: 'alert', tone: 'warn' },
  { of: /^LINK_(SCANNED|USED_BY_SCANNER)$/, icon: 'eye', tone: 'warn' },
  { of: /REFUSED$/, icon: 'alert', tone: 'warn' },
  { of: /^(LINK_USED|SIGNED_IN|SIGN_IN_CONFIRMED|STEPPED_UP)$/, icon: 'user', tone: 'good' },
  { of: /^(SIGNED_OUT|SESSION_ENDED)$/, icon: 'logout', tone: 'none' },
  { of: /^(INVITED|INVITATION_)/, icon: 'invite', tone: 'busy' },
  { of: /^LINK_/, icon: 'link', tone: 'none' },
  { of: /^OFFER_/, icon: 'offer', tone: 'none' },
  { of: /^(COURSE|MODULE|LESSON)_/, icon: 'book', tone: 'none' },
  { of: /^COMMUNITY_/, icon: 'community', tone: 'none' },
  { of: /^AFFILIATE_/, icon: 'affiliate', tone: 'none' },
  { of: /^(MESSAGE_|LOGIN_EMAIL|LOGIN_REQUESTED)/, icon: 'mail', tone: 'none' },
  { of: /^(PASSWORD_|GOOGLE_)/, icon: 'key', tone: 'none' },
];

const look = (kind: string): Look => LOOKS.find(({ of }) => of.test(kind)) ?? { icon: 'clock', tone: 'none' };

const has = <Name extends string>(words: Record<Name, string>, name: string): name is Name => name in words;

/** The words of a code that the API may extend; the code itself if it is a new one. */
function wordOf(words: Record<string, string>, code: string): string {
  return has(words, code) ? (words[code] ?? code) : code;
}

/** What an event is about, where it is not gone. */
type About = { title: string; href: string };

type Sentence = Look & { text: string; about: About[]; details: string[]; href?: string };

function aboutOf({ course, community, offer, lesson }: Event): About[] {
  return [
    ...(lesson ? [{ title: lesson.title, href: course ? link(`courses/${course.id}`, { lesson: lesson.id }) : '' }] : []),
    ...(course ? [{ title: course.title, href: link(`courses/${course.id}`) }] : []),
    ...(community ? [{ title: community.name, href: link(`communities/${community.id}`) }] : []),
    ...(offer ? [{ title: offer.title, href: link(`offers/${offer.id}`) }] : []),
  ];
}

// The server knows it only when the contact uses the link again.
const usedByScanner = (event: Event, newer: readonly Event[]): boolean =>
  event.kind === 'LINK_USED' && event.subjectId !== null &&
  newer.some(({ kind, subjectId }) => kind === 'LINK_USED_BY_SCANNER' && subjectId === event.subjectId);

/** `newer` are the events after it. */
export function sentenceOf(event: Event, newer: readonly Event[], kindText: (message: Message) => string): Sentence {
  const { kind, message, magicLink, method, outcome, changedFields } = event;
  const scanner = usedByScanner(event, newer);
  const details = [
    outcome === 'OK' ? '' : wordOf(t.contact.outcomes, outcome),
    message ? (message.subject ?? kindText(message)) : '',
    magicLink ? `${t.words.linkPurpose[magicLink.purpose]} · ${t.words.section[magicLink.section]}` : '',
    /^LINK_(USED|SCANNED|USED_BY_SCANNER|REFUSED)$/.test(kind) ? [event.device, event.network].filter(Boolean).join(' · ') : '',
    FIELD_NAMES.filter((name) => changedFields.includes(name)).map(labelOf).join(', '),
    method ? wordOf(t.words.sessionMethod, method) : '',
    message?.lastError && /BOUNCED|FAILED|DELAYED/.test(kind) ? message.lastError : '',
  ].filter(Boolean);
  return {
    ...(scanner ? { icon: 'eye', tone: 'warn' } as const : look(kind)),
    text: scanner ? t.contact.openedByProgram : wordOf(t.contact.events, kind),
    about: aboutOf(event),
    details,
    ...(message && { href: link(`messages/${message.id}`) }),
  };
}
