import { startAction } from '../../actions';
import { useList, useRefreshOn } from '../../api';
import { Button, Empty } from '../../components';
import { People } from '../../components/content/people';
import { noGranting } from '../../components/content/status';
import { t } from '../../i18n';
import type { Community } from './documents';
import { MEMBERS } from './documents';

export function Members({ community }: { community: Community }) {
  const list = useList(MEMBERS, { id: community.id }, (data) => data.community?.members);
  useRefreshOn(['COMMUNITY_ACCESS_GRANTED', 'COMMUNITY_ACCESS_REVOKED', 'OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED'], list.reload);
  return (
    <div class="content-columns">
      <p class="hint">{t.communities.membersHint}</p>
      <div class="actions">
        <Button icon="community" disabledReason={noGranting()} onClick={() => startAction('UPDATE_COMMUNITY_ACCESS', { communityId: community.id })}>
          {t.access.dialog.UPDATE_COMMUNITY_ACCESS.title}
        </Button>
      </div>
      <People list={list} label={t.communities.members} empty={<Empty icon="people" title={t.communities.noMembers}><p>{t.communities.noMembersHint}</p></Empty>} />
    </div>
  );
}
