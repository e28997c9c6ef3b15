import { startAction } from '../../actions';
import { useList, useRefreshOn } from '../../api';
import { Button, Empty } from '../../components';
import { People } from '../../components/content/people';
import { noGranting } from '../../components/content/status';
import { t } from '../../i18n';
import type { Offer } from './documents';
import { HOLDERS } from './documents';

export function Holders({ offer }: { offer: Offer }) {
  const list = useList(HOLDERS, { id: offer.id }, (data) => data.offer?.holders);
  useRefreshOn(['OFFER_ACCESS_GRANTED', 'OFFER_ACCESS_REVOKED'], list.reload);
  return (
    <div class="content-columns">
      <div class="actions">
        <Button kind="quiet" icon="stop" disabledReason={noGranting()} onClick={() => startAction('REVOKE_OFFER', { offerId: offer.id })}>
          {t.access.dialog.REVOKE_OFFER.title}
        </Button>
      </div>
      <People list={list} label={t.offers.tabs.holders} empty={<Empty icon="people" title={t.offers.noHolders}><p>{t.offers.noHoldersHint}</p></Empty>} />
    </div>
  );
}
