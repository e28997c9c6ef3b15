import { useState } from 'preact/hooks';
import type { Activity } from '../../api';
import type { IconName } from '../../components';
import { Button, Card, Empty, ErrorNotice, Icon, Skeleton, Time } from '../../components';
import { number, t } from '../../i18n';
import { link } from '../../router';
import { useFeed } from './feed';
import type { Entry } from './grouping';

const FIRST_SHOWN = 8;

type Kind = Activity['kind'];
type Tone = 'good' | 'warn' | 'bad' | 'none';

const LOOK: Record<Kind, { icon: IconName; tone: Tone }> = {
  ACCESS_RESTORED: { icon: 'key', tone: 'none' },
  ACCESS_REVOKED: { icon: 'stop', tone: 'none' },
  AFFILIATE_ENROLLED: { icon: 'plus', tone: 'none' },
  AFFILIATE_SALE: { icon: 'check', tone: 'good' },
  COMMUNITY_ACCESS_GRANTED: { icon: 'plus', tone: 'none' },
  COMMUNITY_ACCESS_REVOKED: { icon: 'close', tone: 'none' },
  CONTACT_CREATED: { icon: 'user', tone: 'none' },
  CONTACT_DELETED: { icon: 'trash', tone: 'none' },
  CONTACT_ERASED: { icon: 'trash', tone: 'none' },
  CONTACT_MERGED: { icon: 'people', tone: 'none' },
  CONTACT_UPDATED: { icon: 'user', tone: 'none' },
  COURSE_ASSIGNED: { icon: 'plus', tone: 'none' },
  COURSE_COMPLETED: { icon: 'check', tone: 'good' },
  COURSE_REVOKED: { icon: 'close', tone: 'none' },
  COURSE_STARTED: { icon: 'play', tone: 'none' },
  INVITATION_CANCELLED: { icon: 'close', tone: 'none' },
  INVITATION_RESENT: { icon: 'invite', tone: 'none' },
  INVITED: { icon: 'invite', tone: 'none' },
  NEW_SIGN_UP: { icon: 'plus', tone: 'good' },
  JOINED: { icon: 'check', tone: 'good' },
  LESSON_COMPLETED: { icon: 'check', tone: 'none' },
  LINK_CREATED: { icon: 'link', tone: 'none' },
  LINK_REFUSED: { icon: 'link', tone: 'warn' },
  LINK_REVOKED: { icon: 'link', tone: 'none' },
  LINK_USED: { icon: 'link', tone: 'none' },
  LOGIN_EMAIL_QUEUED: { icon: 'mail', tone: 'none' },
  MESSAGE_QUEUED: { icon: 'mail', tone: 'none' },
  LOGIN_REQUESTED: { icon: 'mail', tone: 'none' },
  MAIL_PAUSED: { icon: 'pause', tone: 'warn' },
  MESSAGE_BOUNCED: { icon: 'alert', tone: 'bad' },
  MESSAGE_COMPLAINED: { icon: 'alert', tone: 'bad' },
  MESSAGE_DELAYED: { icon: 'clock', tone: 'warn' },
  MESSAGE_FAILED: { icon: 'alert', tone: 'bad' },
  MESSAGE_KEPT: { icon: 'mail', tone: 'none' },
  MESSAGE_SENT: { icon: 'mail', tone: 'none' },
  MODULE_COMPLETED: { icon: 'check', tone: 'none' },
  OFFER_ACCESS_GRANTED: { icon: 'plus', tone: 'none' },
  OFFER_ACCESS_REVOKED: { icon: 'close', tone: 'none' },
  SIGNED_IN: { icon: 'user', tone: 'none' },
};

/** `{}` in a sentence is where the contact stands. */
function Sentence({ event }: { event: Activity }) {
  const [before = '', after = ''] = t.overview.activity[event.kind].split('{}');
  const name = event.contact ? (event.contact.name ?? event.contact.email ?? t.common.aContact) : t.common.aContact;
  return (
    <>
      {before}
      {event.contact
        ? <a href={link(`contacts/${event.contact.id}`)}><bdi>{name}</bdi></a>
        : name}
      {after}
    </>
  );
}

/** The list that shows what a burst did. */
function burstHref(kind: Kind): string | undefined {
  if (kind === 'JOINED') return link('contacts', { status: 'ACTIVE', order: 'JOINED_AT' });
  if (kind === 'INVITED') return link('contacts', { status: 'INVITED', order: 'INVITED_AT' });
  if (kind === 'CONTACT_CREATED') return link('contacts');
  return kind.startsWith('MESSAGE_') ? link('messages') : undefined;
}

function Burst({ kind, count }: { kind: Kind; count: number }) {
  const text = t.overview.activityMany[kind].replace('#', number(count));
  const href = burstHref(kind);
  return href ? <a href={href}>{text}</a> : <>{text}</>;
}

function Item({ entry: { event, count } }: { entry: Entry }) {
  const { icon, tone } = LOOK[event.kind];
  return (
    <li class="feed-item">
      <span class="feed-icon" data-tone={tone}><Icon name={icon} /></span>
      <p class="feed-text">{count > 1 ? <Burst kind={event.kind} count={count} /> : <Sentence event={event} />}</p>
      <span class="hint feed-time"><Time at={event.at} /></span>
    </li>
  );
}

/** The feed stands still while it is read: with the pointer on it, or the focus in it. */
function useHold() {
  const [paused, setPaused] = useState(false);
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  return {
    paused,
    held: paused || pointed || focused,
    toggle: () => setPaused(!paused),
    handlers: {
      onPointerEnter: (event: PointerEvent) => setPointed(event.pointerType === 'mouse'),
      onPointerLeave: () => setPointed(false),
      onFocusIn: () => setFocused(true),
      onFocusOut: () => setFocused(false),
    },
  };
}

export function ActivityCard() {
  const hold = useHold();
  const { entries, waiting, showWaiting, error, loading, reload } = useFeed(hold.held);
  const [all, setAll] = useState(false);
  const shown = all ? entries : entries.slice(0, FIRST_SHOWN);
  return (
    <Card title={t.overview.activityTitle} action={
      <Button kind="plain" size="small" icon={hold.paused ? 'play' : 'pause'} onClick={hold.toggle}>
        {hold.paused ? t.overview.resume : t.overview.pause}
      </Button>
    }>
      {error && <ErrorNotice error={error} retry={reload} />}
      {loading && <Skeleton rows={6} />}
      {waiting > 0 && (
        <Button kind="quiet" size="small" class="feed-fresh" onClick={showWaiting}>{t.components.fresh(waiting)}</Button>
      )}
      {!loading && !error && !entries.length && <Empty icon="clock" title={t.overview.noActivity}>{t.overview.noActivityHint}</Empty>}
      <ul class="feed" {...hold.handlers}>
        {shown.map((entry) => <Item key={entry.key} entry={entry} />)}
      </ul>
      {entries.length > shown.length && (
        <Button kind="plain" size="small" onClick={() => setAll(true)}>{t.overview.showMore}</Button>
      )}
    </Card>
  );
}
