import { graphql, mutate } from '../../../api';
import { Confirm, toast } from '../../../components';
import { t } from '../../../i18n';
import type { Edge, Grant } from './documents';
import { originOf } from './documents';

const REVOKE = graphql(`
  mutation RevokeAccessGrant($input: RevokeAccessGrantInput!) {
    revokeAccessGrant(input: $input) { grant { id status revokedAt } }
  }
`);

type Effect = { node: Edge['node']; others: Edge['grants'] };
type Effects = Record<'closes' | 'wontOpen' | 'opensLater' | 'staysOpen', Effect[]>;

/** What becomes of each thing that the grant opens, by the other grants that open it too. */
function effectsOf(grant: Grant, edges: readonly Edge[]): Effects {
  const effects: Effects = { closes: [], wontOpen: [], opensLater: [], staysOpen: [] };
  for (const { node, grants, open } of edges) {
    if (!grants.some(({ id }) => id === grant.id)) continue;
    const others = grants.filter(({ id }) => id !== grant.id);
    const kind = others.some(({ status }) => status === 'ACTIVE') ? 'staysOpen' : others.length ? 'opensLater' : open ? 'closes' : 'wontOpen';
    effects[kind].push({ node, others });
  }
  return effects;
}

const ORDER = ['closes', 'wontOpen', 'opensLater', 'staysOpen'] as const;

const nameOf = (grant: Edge['grants'][number]): string => (grant.target.__typename === 'Offer' ? originOf(grant) : t.access.direct);

const EffectList = ({ title, effects }: { title: string; effects: readonly Effect[] }) => (
  <div>
    <p>{title}</p>
    <ul class="contact-consequences">
      {effects.map(({ node, others }) => (
        <li key={node.id}>
          <bdi>{node.title}</bdi>{others.length > 0 && <> <span class="hint">{t.access.staysBy(others.map(nameOf).join(', '))}</span></>}
        </li>
      ))}
    </ul>
  </div>
);

type RevokeProps = { grant: Grant; edges: readonly Edge[]; onClose: () => void; onDone: () => void };

export function Revoke({ grant, edges, onClose, onDone }: RevokeProps) {
  const { title, __typename } = grant.target;
  const effects = effectsOf(grant, edges);
  const shown = ORDER.filter((kind) => effects[kind].length > 0);
  const revoke = async () => {
    await mutate(REVOKE, { input: { grantId: grant.id } });
    toast({ text: t.access.revoked(title) });
    onDone();
  };
  return (
    <Confirm open onClose={onClose} danger title={t.access.revokeTitle(title)} action={t.access.revoke} onConfirm={revoke}>
      <div class="contact-confirm">
        {shown.length === 0 && <p>{t.access.closesNothing}</p>}
        {shown.map((kind) => <EffectList key={kind} title={t.access[kind]} effects={effects[kind]} />)}
        {__typename !== 'Community' && <p class="hint">{t.access.progressKept}</p>}
      </div>
    </Confirm>
  );
}
