import type { VNode } from 'preact';
import { boot, may } from '../../api';
import type { Column } from '../../components';
import { Button, Countdown, Time } from '../../components';
import { t } from '../../i18n';
import type { MagicLink } from './documents';

const SOON_MS = 3_600_000;

type Given = {
  status: MagicLink['status'];
  creator: (id: string) => string;
  onRevoke: (link: MagicLink) => void;
  onExpired: () => void;
};

/** The columns that say something about links of this status. */
export function columns({ status, creator, onRevoke, onExpired }: Given): Column<MagicLink>[] {
  const live = status === 'LIVE';
  return [
    { id: 'contact', header: t.links.contact, width: '2.4fr', cell: Contact },
    { id: 'purpose', header: t.links.purpose, cell: ({ purpose }) => t.words.linkPurpose[purpose] },
    { id: 'section', header: t.links.section, hideBelow: 'tablet', cell: Section },
    { id: 'by', header: t.links.createdBy, width: '1.4fr', hideBelow: 'tablet', cell: ({ createdBy }) => <bdi>{creator(createdBy)}</bdi> },
    { id: 'created', header: t.links.created, hideBelow: 'phone', cell: ({ createdAt }) => <Time at={createdAt} /> },
    status === 'USED'
      ? { id: 'used', header: t.links.used, cell: ({ usedAt }) => <Labelled label={t.links.used}><Time at={usedAt} /></Labelled> }
      : { id: 'expires', header: t.links.expires, cell: ({ expiresAt }) => <Expires at={expiresAt} live={live} onEnd={onExpired} /> },
    ...(live ? [{ id: 'revoke', header: '', width: '9rem', align: 'end' as const, cell: (link: MagicLink) => <Revoke link={link} onRevoke={onRevoke} /> }] : []),
  ];
}

const Contact = ({ contact }: MagicLink) => (
  <span class="links-contact">
    <bdi>{contact?.name ?? contact?.email ?? t.common.aContact}</bdi>
    {contact?.name && contact.email && <small class="hint"><bdi>{contact.email}</bdi></small>}
  </span>
);

const Section = ({ section, limitToSection }: MagicLink) => (
  <span>{limitToSection ? t.links.limited(t.words.section[section]) : t.words.section[section]}</span>
);

/** On a phone, where the table has no header, the label says what the time means. */
const Labelled = ({ label, children }: { label: string; children: VNode }) => <span><span class="links-label">{label} </span>{children}</span>;

const Expires = ({ at, live, onEnd }: { at: string; live: boolean; onEnd: () => void }) =>
  live && Date.parse(at) - Date.now() < SOON_MS
    ? <Countdown until={at} onEnd={onEnd} />
    : <Labelled label={t.links.expires}><Time at={at} /></Labelled>;

const Revoke = ({ link, onRevoke }: { link: MagicLink; onRevoke: (link: MagicLink) => void }) => (
  <Button kind="quiet" size="small" onClick={() => onRevoke(link)}
    disabledReason={may('LINKS') ? undefined : t.common.noRole(t.words.role[boot.role])}>
    {t.links.revoke}
  </Button>
);
