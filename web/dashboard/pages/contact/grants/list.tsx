import { useMemo, useState } from 'preact/hooks';
import { useList } from '../../../api';
import type { Column, Tone } from '../../../components';
import { Button, Card, Empty, Status, SwitchField, Table, Time } from '../../../components';
import { t } from '../../../i18n';
import { params, setParams } from '../../../router';
import { useActor } from '../actor';
import { noRole } from '../contact';
import { useContactActivity } from '../live';
import type { Edge, Grant } from './documents';
import { GRANTS, hrefOf, sourceOf } from './documents';
import { Revoke } from './revoke';

const TONES: Record<Grant['status'], Tone> = { ACTIVE: 'good', SCHEDULED: 'busy', ENDED: 'none', REVOKED: 'bad' };

const Target = ({ target }: { target: Grant['target'] }) => (
  <span class="contact-cell">
    <a href={hrefOf(target)}><bdi>{target.title}</bdi></a>
    <span class="hint">{t.access.kind[target.__typename]}</span>
  </span>
);

const Source = ({ grant, actor }: { grant: Grant; actor: string | null }) => (
  <span class="contact-cell">
    {sourceOf(grant.source)}
    <span class="hint">{actor && <bdi>{actor} · </bdi>}<Time at={grant.createdAt} /></span>
  </span>
);

const State = ({ grant: { status, revokedAt } }: { grant: Grant }) => (
  <span class="contact-cell">
    <Status tone={TONES[status]}>{t.words.grantStatus[status]}</Status>
    {revokedAt && <span class="hint"><Time at={revokedAt} /></span>}
  </span>
);

const isLive = ({ status }: Grant): boolean => status === 'ACTIVE' || status === 'SCHEDULED';

const columns = (actorOf: (by: string) => string | null, ask: (grant: Grant) => void): Column<Grant>[] => [
  { id: 'target', header: t.access.target, width: '1.6fr', cell: ({ target }) => <Target target={target} /> },
  { id: 'status', header: t.access.status, width: '0.9fr', cell: (grant) => <State grant={grant} /> },
  { id: 'source', header: t.access.source, width: '1.2fr', hideBelow: 'tablet', cell: (grant) => <Source grant={grant} actor={actorOf(grant.grantedBy)} /> },
  { id: 'starts', header: t.access.starting, width: '1fr', hideBelow: 'phone', cell: ({ startsAt }) => <Time at={startsAt} style="full" /> },
  { id: 'ends', header: t.access.ending, width: '1fr', cell: ({ endsAt }) => (endsAt ? <Time at={endsAt} style="full" /> : <span class="hint">{t.access.noEnd}</span>) },
  {
    id: 'revoke', header: '', width: '7.5rem', align: 'end',
    cell: (grant) => (isLive(grant)
      ? <Button kind="quiet" size="small" disabledReason={noRole('CONTACTS')} aria-label={t.access.revokeNamed(grant.target.title)} onClick={() => ask(grant)}>{t.access.revoke}</Button>
      : null),
  },
];

/** The contact's grants, the revoked ones on demand. */
export function Grants({ contactId, edges, onChanged }: { contactId: string; edges: readonly Edge[]; onChanged: () => void }) {
  const includeRevoked = params.value.get('revoked') === '1';
  const list = useList(GRANTS, { id: contactId, includeRevoked }, ({ contact }) => contact?.grants);
  const [asked, setAsked] = useState<Grant | null>(null);
  const actorOf = useActor(contactId);
  const shown = useMemo(() => columns(actorOf, setAsked), [actorOf]);
  useContactActivity(contactId, list.reload);
  const done = () => {
    list.reload();
    onChanged();
  };
  return (
    <Card title={t.access.grants} action={
      <SwitchField label={t.access.showRevoked} checked={includeRevoked} onChange={(on) => setParams({ revoked: on ? '1' : undefined })} />
    }>
      <p class="hint">{t.access.grantsHint}</p>
      <Table list={list} columns={shown} label={t.access.grants} rowLabel={({ target }) => target.title}
        empty={<Empty icon="key" title={t.access.noGrants}><p>{t.access.noGrantsHint}</p></Empty>} />
      {asked && <Revoke grant={asked} edges={edges} onClose={() => setAsked(null)} onDone={done} />}
    </Card>
  );
}
