import { boot } from '../../api';
import type { Column } from '../../components';
import { Menu, Status, Time } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Key } from './documents';
import { TONES } from './documents';

/** The names of the members who created keys, by id. */
type Names = ReadonlyMap<string, string>;

function creator({ createdBy }: Key, names: Names): string {
  if (createdBy === boot.memberId) return t.apiKeys.you;
  if (createdBy === 'system') return t.apiKeys.commandLine;
  return names.get(createdBy) ?? t.apiKeys.formerMember;
}

const Name = ({ row, names }: { row: Key; names: Names }) => (
  <span class="api-key-cell">
    <span><bdi>{row.name}</bdi>{row.hint && <code class="hint"> …{row.hint}</code>}</span>
    <span class="hint">{t.apiKeys.createdBy} <bdi>{creator(row, names)}</bdi> · <Time at={row.createdAt} /></span>
  </span>
);

const State = ({ row: { status, expiresAt, revokedAt } }: { row: Key }) => (
  <span class="api-key-cell">
    <Status tone={TONES[status]}>{t.apiKeys.statuses[status]}</Status>
    {revokedAt ? <span class="hint"><Time at={revokedAt} /></span>
      : <span class="hint">{expiresAt ? <>{t.apiKeys.expiresAt} <Time at={expiresAt} style="date" /></> : t.apiKeys.neverExpires}</span>}
  </span>
);

export const columns = (names: Names, ask: (key: Key) => void): Column<Key>[] => [
  { id: 'name', header: t.apiKeys.name, width: '2fr', cell: (row) => <Name row={row} names={names} /> },
  { id: 'scopes', header: t.apiKeys.scopes, width: '1.5fr', cell: ({ scopes }) => scopes.map((scope) => t.words.scope[scope]).join(', ') },
  { id: 'status', header: t.apiKeys.status, width: '1.25fr', cell: (row) => <State row={row} /> },
  {
    id: 'used', header: t.apiKeys.lastUsed,
    cell: ({ lastUsedAt }) => lastUsedAt ? <span><span class="api-key-used">{t.apiKeys.lastUsed} </span><Time at={lastUsedAt} /></span> : t.apiKeys.neverUsed,
  },
  {
    id: 'actions', header: '', width: '4rem', align: 'end',
    cell: (row) => (
      <Menu label={t.apiKeys.actionsFor(row.name)} items={[
        { id: 'audit', label: t.apiKeys.activity, icon: 'audit', onSelect: () => navigate(link('audit', { actor: row.id })) },
        {
          id: 'revoke', label: t.apiKeys.revoke, icon: 'stop', danger: true, onSelect: () => ask(row),
          ...(row.status !== 'ACTIVE' && { disabledReason: t.apiKeys.endedAlready }),
        },
      ]} />
    ),
  },
];
