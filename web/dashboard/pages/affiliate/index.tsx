import { useMemo, useState } from 'preact/hooks';
import { errorText, mutate, useQuery, useRefreshOnReturn } from '../../api';
import { Button, ButtonLink, Card, CopyField, DescriptionList, Empty, ErrorNotice, PageHeader, Skeleton, Time, toast } from '../../components';
import { number, t } from '../../i18n';
import { link } from '../../router';
import { AffiliateStatusPill, Person, nameOfAffiliate } from '../affiliates/columns';
import { SET, money, noRole } from '../affiliates/documents';
import { useContactActivity } from '../contact/live';
import { hostOf } from '../courses/web_address';
import { Clicks } from './clicks';
import type { Affiliate } from './documents';
import { AFFILIATE, lastDays } from './documents';
import { EditAffiliate } from './edit';
import { Sales } from './sales';

const back = () => ({ href: link('affiliates'), label: t.shell.affiliates });

const Missing = () => (
  <>
    <PageHeader title={t.common.notFound} back={back()} />
    <Empty icon="affiliate" title={t.affiliates.missing}>
      <p>{t.common.notFoundHint}</p>
      <ButtonLink kind="quiet" href={link('affiliates')}>{t.affiliates.all}</ButtonLink>
    </Empty>
  </>
);

/** Pauses or resumes the link; the toast undoes it. */
function usePausing({ contact, status }: Affiliate) {
  const [busy, setBusy] = useState(false);
  const set = async (wanted: Affiliate['status']) => {
    await mutate(SET, { input: { contactId: contact?.id ?? '', status: wanted } });
  };
  const toggle = () => {
    const wanted = status === 'ACTIVE' ? 'PAUSED' : 'ACTIVE';
    setBusy(true);
    set(wanted)
      .then(
        () => toast({ text: t.affiliates.statusDone[wanted], undo: () => set(status) }),
        (error: unknown) => toast({ text: errorText(error), tone: 'bad' }),
      )
      .finally(() => setBusy(false));
  };
  return { busy, toggle };
}

function Actions({ affiliate, onEdit }: { affiliate: Affiliate; onEdit: () => void }) {
  const { busy, toggle } = usePausing(affiliate);
  const active = affiliate.status === 'ACTIVE';
  const refused = noRole('CONTACTS');
  return (
    <>
      <Button kind="quiet" icon={active ? 'pause' : 'play'} busy={busy} disabledReason={refused} onClick={toggle}>{active ? t.affiliates.pause : t.affiliates.resume}</Button>
      <Button kind="quiet" icon="edit" disabledReason={refused} onClick={onEdit}>{t.affiliates.edit}</Button>
    </>
  );
}

const Sum = ({ sums }: { sums: Affiliate['commission'] }) =>
  sums.length ? <span class="affiliate-sums">{sums.map((sum) => <span key={sum.currencyCode}>{money(sum)}</span>)}</span> : <>{t.components.never}</>;

function Facts({ affiliate }: { affiliate: Affiliate }) {
  const { targetUrl, clickCount, sales, createdAt, contact } = affiliate;
  return (
    <Card title={t.affiliates.facts}>
      <CopyField value={affiliate.link} label={t.affiliates.link} />
      <DescriptionList items={[
        ...(contact ? [{ label: t.affiliates.contact, value: <a class="affiliate-contact" href={link(`contacts/${contact.id}`)}><Person affiliate={affiliate} /></a> }] : []),
        { label: t.affiliates.target, value: targetUrl ? <a href={targetUrl} target="_blank" rel="noopener noreferrer"><bdi>{hostOf(targetUrl)}</bdi></a> : t.affiliates.targetDefault },
        { label: t.affiliates.clicks, value: number(clickCount) },
        { label: t.affiliates.sales, value: number(sales.totalCount) },
        { label: t.affiliates.commission, value: <Sum sums={affiliate.commission} /> },
        { label: t.affiliates.saleStatus.PENDING, value: <Sum sums={affiliate.pending} /> },
        { label: t.affiliates.saleStatus.APPROVED, value: <Sum sums={affiliate.approved} /> },
        { label: t.affiliates.saleStatus.PAID, value: <Sum sums={affiliate.paid} /> },
        { label: t.affiliates.since, value: <Time at={createdAt} style="date" /> },
      ]} />
    </Card>
  );
}

function Loaded({ affiliate, reload }: { affiliate: Affiliate; reload: () => void }) {
  const [editing, setEditing] = useState(false);
  useContactActivity(affiliate.contact?.id ?? '', reload);
  return (
    <div class="affiliate">
      <PageHeader title={nameOfAffiliate(affiliate)} back={back()} description={<span class="affiliate-line"><code>{affiliate.code}</code><AffiliateStatusPill status={affiliate.status} /></span>}>
        <Actions affiliate={affiliate} onEdit={() => setEditing(true)} />
      </PageHeader>
      <div class="affiliate-columns">
        <Clicks points={affiliate.clickHistory} paused={affiliate.status === 'PAUSED'} />
        <Facts affiliate={affiliate} />
      </div>
      <Sales affiliateId={affiliate.id} onChanged={reload} />
      {editing && <EditAffiliate affiliate={affiliate} onClose={() => setEditing(false)} />}
    </div>
  );
}

export default function AffiliatePage({ id }: { id: string }) {
  const range = useMemo(lastDays, [id]);
  const { data, error, reload } = useQuery(AFFILIATE, { id, ...range });
  useRefreshOnReturn(reload);
  if (error && !data) return <><PageHeader title={t.affiliates.one} back={back()} /><ErrorNotice error={error} retry={reload} /></>;
  if (!data) return <><PageHeader title={t.affiliates.one} back={back()} /><Skeleton rows={6} /></>;
  return data.affiliate ? <Loaded affiliate={data.affiliate} reload={reload} /> : <Missing />;
}
