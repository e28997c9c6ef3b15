import { boot } from '../../api';
import { PageHeader } from '../../components';
import { t } from '../../i18n';
import { ActivityCard } from './activity';
import { Attention } from './attention';
import { Checklist } from './checklist';
import { Counts } from './counts';
import { HistoryCard } from './history';
import { PortalAddress } from './portal_address';

export default function Overview() {
  return (
    <>
      <PageHeader title={t.shell.overview}><PortalAddress url={boot.portalUrl} /></PageHeader>
      <Checklist />
      <Counts />
      <div class="overview-columns">
        <div class="overview-column">
          <Attention />
          <HistoryCard />
        </div>
        <ActivityCard />
      </div>
    </>
  );
}
