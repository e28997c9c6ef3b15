import { useMemo } from 'preact/hooks';
import { graphql, may, useQuery, useRefreshOn, useSubscription } from '../../api';
import type { IconName } from '../../components';
import { Card, ErrorNotice, Icon, Skeleton } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';

const MAIL = graphql(`
  query MailThatFailed($since: DateTime!) {
    bounced: messages(first: 0, filter: { statuses: [BOUNCED], createdAfter: $since }) { totalCount }
    failed: messages(first: 0, filter: { statuses: [FAILED], createdAfter: $since }) { totalCount }
  }
`);

const EXPIRING = graphql(`
  query ExpiringInvitations($before: DateTime!) {
    invitations(first: 0, filter: { statuses: [OPEN], expiresBefore: $before }) { totalCount }
  }
`);

const JOBS = graphql(`
  query RecentJobs {
    bulkJobs(first: 50) { nodes { id status createdAt } }
  }
`);

const JOB_CHANGED = graphql(`
  subscription JobEnded {
    bulkJobUpdated { id status }
  }
`);

const DOMAIN = graphql(`
  query SendingDomainState {
    portal { id sendingDomain { domain status } }
  }
`);

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RECENT_DAYS = 7;
const SOON_DAYS = 2;

type Matter = { id: string; icon: IconName; tone: 'warn' | 'bad'; text: string; href: string; action: string };

/** The time in so many days, in whole hours: the same questions are asked within one. */
function useDaysFromNow(days: number): string {
  const hour = Math.floor(Date.now() / HOUR_MS);
  return useMemo(() => new Date(hour * HOUR_MS + days * DAY_MS).toISOString(), [hour, days]);
}

function useMail() {
  const { data, error, loading, reload } = useQuery(MAIL, { since: useDaysFromNow(-RECENT_DAYS) });
  useRefreshOn(['MESSAGE_BOUNCED', 'MESSAGE_COMPLAINED', 'MESSAGE_FAILED'], reload);
  const bounced = data?.bounced.totalCount ?? 0;
  const failed = data?.failed.totalCount ?? 0;
  const matters: Matter[] = [];
  if (bounced) {
    matters.push({
      id: 'bounced', icon: 'mail', tone: 'bad', text: t.overview.bounced(bounced), action: t.overview.bouncedAction,
      href: link('messages', { status: 'BOUNCED', period: String(RECENT_DAYS) }),
    });
  }
  if (failed) {
    matters.push({
      id: 'failed', icon: 'mail', tone: 'bad', text: t.overview.failedMail(failed), action: t.overview.failedMailAction,
      href: link('messages', { status: 'FAILED', period: String(RECENT_DAYS) }),
    });
  }
  return { matters, error, loading, reload };
}

function useExpiring() {
  const { data, error, loading, reload } = useQuery(EXPIRING, { before: useDaysFromNow(SOON_DAYS) });
  useRefreshOn(['INVITED', 'INVITATION_RESENT', 'INVITATION_CANCELLED', 'JOINED', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED'], reload);
  const count = data?.invitations.totalCount ?? 0;
  const matters: Matter[] = count
    ? [{
        id: 'expiring', icon: 'clock', tone: 'warn', text: t.overview.expiring(count), action: t.overview.expiringAction,
        href: link('invitations', { status: 'OPEN', expires: String(SOON_DAYS) }),
      }]
    : [];
  return { matters, error, loading, reload };
}

function useJobs() {
  const { data, error, loading, reload } = useQuery(JOBS, {});
  useSubscription(JOB_CHANGED, {}, ({ bulkJobUpdated }) => {
    if (bulkJobUpdated.status === 'FAILED') reload();
  });
  const since = Date.now() - RECENT_DAYS * DAY_MS;
  const failed = data?.bulkJobs.nodes.filter(({ status, createdAt }) => status === 'FAILED' && Date.parse(createdAt) > since) ?? [];
  const [only] = failed;
  const matters: Matter[] = only
    ? [{
        id: 'jobs', icon: 'jobs', tone: 'bad', text: t.overview.failedJobs(failed.length), action: t.overview.failedJobsAction,
        href: failed.length === 1 ? link(`jobs/${only.id}`) : link('jobs', { status: 'FAILED' }),
      }]
    : [];
  return { matters, error, loading, reload };
}

function useDomain() {
  const { data, error, loading, reload } = useQuery(DOMAIN, {}, { pause: !may('ADMIN') });
  const domain = data?.portal.sendingDomain;
  const matters: Matter[] = domain?.status === 'FAILED'
    ? [{
        id: 'domain', icon: 'globe', tone: 'bad', text: t.overview.domainFailed(domain.domain), action: t.overview.domainFailedAction,
        href: `${link('settings')}#email`,
      }]
    : [];
  return { matters, error, loading, reload };
}

const Item = ({ matter }: { matter: Matter }) => (
  <li>
    <a class="matter" href={matter.href}>
      <span class="feed-icon" data-tone={matter.tone}><Icon name={matter.icon} /></span>
      <span class="matter-text">{matter.text}</span>
      <span class="matter-action">{matter.action}<Icon name="chevron-right" /></span>
    </a>
  </li>
);

export function Attention() {
  const sources = [useMail(), useExpiring(), useJobs(), useDomain()];
  const matters = sources.flatMap((source) => source.matters);
  const failed = sources.find(({ error }) => error);
  const loading = sources.some((source) => source.loading);
  return (
    <Card title={t.overview.attentionTitle}>
      {failed && <ErrorNotice error={failed.error} retry={() => sources.forEach(({ error, reload }) => error && reload())} />}
      {matters.length > 0 && <ul class="matters">{matters.map((matter) => <Item key={matter.id} matter={matter} />)}</ul>}
      {loading && !matters.length && <Skeleton rows={1} />}
      {!loading && !failed && !matters.length && (
        <p class="all-well"><span class="feed-icon" data-tone="good"><Icon name="check" /></span>{t.overview.allWell}</p>
      )}
    </Card>
  );
}
