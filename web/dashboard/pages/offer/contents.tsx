import { useRef, useState } from 'preact/hooks';
import { mutate } from '../../api';
import { Button, Card, Confirm, ErrorNotice, toast } from '../../components';
import { ItemPicker } from '../../components/content/item_picker';
import type { ContentStatus } from '../../components/content/items';
import { ContentStatusPill, noContent } from '../../components/content/status';
import { t } from '../../i18n';
import { link } from '../../router';
import type { Offer } from './documents';
import { UPDATE } from './documents';

type Kind = 'course' | 'community';

type Item = { id: string; title: string; status: ContentStatus };

const PICKABLE: readonly ContentStatus[] = ['PUBLISHED', 'DRAFT'];

const itemsOf = ({ courses, communities }: Pick<Offer, 'courses' | 'communities'>, kind: Kind): Item[] =>
  kind === 'course' ? courses : communities.map(({ id, name, status }) => ({ id, title: name, status }));

/** Replaces the items of one kind; returns what the offer holds then. */
async function save(offerId: string, kind: Kind, ids: readonly string[]): Promise<string[]> {
  const { updateOffer } = await mutate(UPDATE, { input: { offerId, ...(kind === 'course' ? { courseIds: [...ids] } : { communityIds: [...ids] }) } });
  return updateOffer ? itemsOf(updateOffer.offer, kind).map(({ id }) => id) : [...ids];
}

/** The offer's items of one kind. Each change is saved at once, after the one before, and undone from what is there by then. */
function useItemsOf(offer: Offer, kind: Kind) {
  const [error, setError] = useState<unknown>();
  const ids = itemsOf(offer, kind).map(({ id }) => id);
  const latest = useRef(ids);
  latest.current = ids;
  const before = useRef<Promise<unknown>>(Promise.resolve());
  const put = (id: string, there: boolean): Promise<void> => {
    const now = before.current.then(async () => {
      const rest = latest.current.filter((other) => other !== id);
      latest.current = await save(offer.id, kind, there ? [...rest, id] : rest);
    });
    before.current = now.catch(() => undefined);
    return now;
  };
  const add = ({ id, title }: Item) => {
    setError(undefined);
    put(id, true).then(() => toast({ text: t.offers.added(title), undo: () => put(id, false) }), setError);
  };
  const remove = async ({ id, title }: Item) => {
    await put(id, false);
    toast({ text: t.offers.removed(title), undo: () => put(id, true) });
  };
  return { ids, error, add, remove };
}

function ItemList({ offer, kind }: { offer: Offer; kind: Kind }) {
  const items = itemsOf(offer, kind);
  const { ids, error, add, remove } = useItemsOf(offer, kind);
  const [asked, setAsked] = useState<Item | null>(null);
  const refused = noContent();
  const path = kind === 'course' ? 'courses' : 'communities';
  return (
    <Card title={kind === 'course' ? t.access.courses : t.access.communities}>
      {items.length === 0 && <p class="hint">{kind === 'course' ? t.access.noCourses : t.access.noCommunities}</p>}
      {items.length > 0 && (
        <ul class="content-list">
          {items.map((item) => (
            <li key={item.id}>
              <a href={link(`${path}/${item.id}`)}><bdi>{item.title}</bdi></a>
              <ContentStatusPill status={item.status} />
              <Button kind="quiet" size="small" disabledReason={refused} aria-label={t.components.remove(item.title)} onClick={() => setAsked(item)}>{t.common.remove}</Button>
            </li>
          ))}
        </ul>
      )}
      {refused
        ? <p class="hint">{refused}</p>
        : <ItemPicker kind={kind} label={kind === 'course' ? t.offers.addCourse : t.offers.addCommunity} statuses={PICKABLE} value={[]} without={ids}
            onChange={(_, added) => added && add(added)} />}
      {error !== undefined && <ErrorNotice error={error} />}
      <Confirm open={asked !== null} onClose={() => setAsked(null)} danger title={t.offers.removeTitle(asked?.title ?? '')} action={t.common.remove}
        onConfirm={async () => { if (asked) await remove(asked); }}>
        <p>{t.offers.removeConsequence(offer.holders?.totalCount ?? 0)}</p>
      </Confirm>
    </Card>
  );
}

export const Contents = ({ offer }: { offer: Offer }) => (
  <div class="content-columns">
    <p class="hint">{t.offers.contentsHint}</p>
    <div class="content-side-by-side">
      <ItemList offer={offer} kind="course" />
      <ItemList offer={offer} kind="community" />
    </div>
  </div>
);
