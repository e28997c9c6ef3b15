import { useState } from 'preact/hooks';
import { graphql, mutate, useList, useRefreshOnReturn } from '../../api';
import { Button, Card, Confirm, Empty, ErrorNotice, Menu, Skeleton, Time, toast } from '../../components';
import { RichText } from '../../components/content/rich_text';
import { noContent } from '../../components/content/status';
import { t } from '../../i18n';
import { useActor } from '../contact/actor';
import { AnnouncementDialog } from './announcement_dialog';
import type { Announcement, Community } from './documents';
import { ANNOUNCEMENTS } from './documents';

const DELETE = graphql(`
  mutation DeleteAnnouncement($input: DeleteAnnouncementInput!) {
    deleteAnnouncement(input: $input) { deletedAnnouncementId }
  }
`);

type Asked = { what: 'write' } | { what: 'edit' | 'delete'; announcement: Announcement } | null;

type EntryProps = { announcement: Announcement; author: string | null; ask: (asked: Asked) => void };

/** What staff announced, as members read it. */
const Entry = ({ announcement, author, ask }: EntryProps) => (
  <Card title={announcement.title} action={
    <Menu label={t.communities.actionsFor(announcement.title)} items={[
      { id: 'edit', label: t.common.edit, disabledReason: noContent(), onSelect: () => ask({ what: 'edit', announcement }) },
      { id: 'delete', label: t.communities.delete, icon: 'trash', danger: true, disabledReason: noContent(), onSelect: () => ask({ what: 'delete', announcement }) },
    ]} />
  }>
    <p class="hint">
      <Time at={announcement.publishedAt} style="full" />{author && <> · <bdi>{author}</bdi></>}
      {announcement.updatedAt !== announcement.publishedAt && <> · {t.communities.edited} <Time at={announcement.updatedAt} /></>}
    </p>
    <RichText html={announcement.bodyHtml} />
  </Card>
);

type AskedProps = { asked: Asked; communityId: string; close: () => void; reload: () => void };

function AskedDialog({ asked, communityId, close, reload }: AskedProps) {
  if (!asked) return null;
  if (asked.what === 'write') return <AnnouncementDialog communityId={communityId} onClose={close} onDone={reload} />;
  const { announcement } = asked;
  if (asked.what === 'edit') return <AnnouncementDialog communityId={communityId} announcement={announcement} onClose={close} onDone={reload} />;
  const remove = async () => {
    await mutate(DELETE, { input: { announcementId: announcement.id } });
    toast({ text: t.communities.deleted(announcement.title) });
    reload();
  };
  return (
    <Confirm open onClose={close} danger title={t.communities.deleteTitle(announcement.title)} action={t.communities.delete} onConfirm={remove}>
      <p>{t.communities.deleteConsequence}</p>
    </Confirm>
  );
}

export function Announcements({ community }: { community: Community }) {
  const list = useList(ANNOUNCEMENTS, { id: community.id }, (data) => data.community?.announcements);
  const [asked, setAsked] = useState<Asked>(null);
  const actorOf = useActor();
  useRefreshOnReturn(list.refresh);
  const write = <Button icon="plus" disabledReason={noContent()} onClick={() => setAsked({ what: 'write' })}>{t.communities.write}</Button>;
  return (
    <div class="content-columns">
      {list.loading && <Skeleton rows={6} />}
      {list.error && <ErrorNotice error={list.error} retry={list.reload} />}
      {!list.loading && list.rows.length === 0 && !list.error && (
        <Card><Empty icon="bell" title={t.communities.noAnnouncements}><p>{t.communities.noAnnouncementsHint}</p>{write}</Empty></Card>
      )}
      {list.rows.length > 0 && <div class="actions">{write}</div>}
      {list.fresh > 0 && <p role="status"><Button size="small" onClick={list.showFresh}>{t.components.fresh(list.fresh)}</Button></p>}
      {list.rows.map((announcement) => (
        <Entry key={announcement.id} announcement={announcement} author={announcement.author && actorOf(announcement.author)} ask={setAsked} />
      ))}
      {list.hasMore && <div class="actions"><Button kind="quiet" onClick={list.loadMore}>{t.components.loadMore}</Button></div>}
      <AskedDialog asked={asked} communityId={community.id} close={() => setAsked(null)} reload={list.reload} />
    </div>
  );
}
