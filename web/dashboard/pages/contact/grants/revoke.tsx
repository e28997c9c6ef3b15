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

/** What a grant opens now, and the other grants that open each of it too. */
const effects = (grant: Grant, edges: readonly Edge[]) =>
  edges
    .filter(({ grants }) => grants.some(({ id }) => id === grant.id))
    .map(({ node, grants }) => ({ node, others: grants.filter(({ id }) => id !== grant.id) }));

type RevokeProps = { grant: Grant; edges: readonly Edge[]; onClose: () => void; onDone: () => void };

export function Revoke({ grant, edges, onClose, onDone }: RevokeProps) {
  const { title, __typename } = grant.target;
  const all = effects(grant, edges);
  const closes = all.filter(({ others }) => others.length === 0);
  const stays = all.filter(({ others }) => others.length > 0);
  const revoke = async () => {
    await mutate(REVOKE, { input: { grantId: grant.id } });
    toast({ text: t.access.revoked(title) });
    onDone();
  };
  return (
    <Confirm open onClose={onClose} danger title={t.access.revokeTitle(title)} action={t.access.revoke} onConfirm={revoke}>
      <div class="contact-confirm">
        {all.length === 0 && <p>{t.access.closesNothing}</p>}
        {closes.length > 0 && (
          <div>
            <p>{t.access.closes}</p>
            <ul class="contact-consequences">{closes.map(({ node }) => <li key={node.id}><bdi>{node.title}</bdi></li>)}</ul>
          </div>
        )}
        {stays.length > 0 && (
          <div>
            <p>{t.access.staysOpen}</p>
            <ul class="contact-consequences">
              {stays.map(({ node, others }) => (
                <li key={node.id}><bdi>{node.title}</bdi> <span class="hint">{t.access.staysBy(others.map((one) => (one.target.__typename === 'Offer' ? originOf(one) : t.access.direct)).join(', '))}</span></li>
              ))}
            </ul>
          </div>
        )}
        {__typename !== 'Community' && <p class="hint">{t.access.progressKept}</p>}
      </div>
    </Confirm>
  );
}
