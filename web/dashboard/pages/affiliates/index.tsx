import { useMemo } from 'preact/hooks';
import { may, useList, useRefreshOn, useRefreshOnReturn } from '../../api';
import { Button, Empty, FilterChips, PageHeader, SearchField, Table } from '../../components';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { columns, nameOfAffiliate } from './columns';
import { AFFILIATES, STATUSES, noRole, statusesOf } from './documents';
import { NewAffiliate } from './new_affiliate';

const CHANGES = ['AFFILIATE_ENROLLED', 'AFFILIATE_SALE', 'CONTACT_DELETED', 'CONTACT_ERASED', 'CONTACT_MERGED'] as const;

const NewButton = () => (
  <Button icon="plus" disabledReason={noRole('CONTACTS')} onClick={() => setParams({ new: '1' })}>{t.affiliates.make}</Button>
);

const Filters = ({ chosen }: { chosen: string[] }) => (
  <div class="affiliates-filters">
    <SearchField value={params.value.get('search') ?? ''} label={t.affiliates.search} onInput={(search) => setParams({ search })} />
    <FilterChips value={{ status: chosen }} onChange={({ status }) => setParams({ status })} chips={[{
      id: 'status', label: t.affiliates.status, options: STATUSES.map((value) => ({ value, label: t.affiliates.statuses[value] })),
    }]} />
  </div>
);

const None = ({ filtered }: { filtered: boolean }) => filtered
  ? (
    <Empty icon="search" title={t.affiliates.noMatch}>
      <Button kind="quiet" onClick={() => setParams({ search: undefined, status: undefined })}>{t.affiliates.clearFilters}</Button>
    </Empty>
  )
  : <Empty icon="affiliate" title={t.affiliates.none}><p>{t.affiliates.noneHint}</p><NewButton /></Empty>;

const count = (total: number | undefined, filtered: boolean): string => {
  if (total === undefined) return ' ';
  return filtered ? t.affiliates.matching(total) : t.affiliates.total(total);
};

export default function Affiliates() {
  const statuses = statusesOf(params.value);
  const search = (params.value.get('search') ?? '').trim().slice(0, 200);
  const filtered = statuses.length > 0 || search !== '';
  const list = useList(AFFILIATES, { search: search || null, statuses: statuses.length ? statuses : null }, ({ affiliates }) => affiliates);
  const shown = useMemo(columns, []);
  useRefreshOn(CHANGES, list.refresh);
  useRefreshOnReturn(list.refresh);
  return (
    <div class="affiliates">
      <PageHeader title={t.shell.affiliates} description={<span role="status">{count(list.total, filtered)}</span>}><NewButton /></PageHeader>
      {(filtered || list.total !== 0) && <Filters chosen={statuses} />}
      <Table list={list} columns={shown} label={t.shell.affiliates} href={({ id }) => link(`affiliates/${id}`)} rowLabel={nameOfAffiliate}
        empty={<None filtered={filtered} />} />
      {params.value.has('new') && may('CONTACTS') && <NewAffiliate onClose={() => setParams({ new: undefined })} />}
    </div>
  );
}
