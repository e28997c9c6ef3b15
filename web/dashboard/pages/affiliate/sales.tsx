import { useMemo } from 'preact/hooks';
import { errorText, may, mutate, useList, useRefreshOn } from '../../api';
import type { Column, MenuEntry, Tone } from '../../components';
import { Card, Empty, FilterChips, Icon, Menu, Status, Table, Time, toast } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';
import { money, noRole } from '../affiliates/documents';
import type { Sale, SaleStatus } from './documents';
import { SALES, SALE_STATUSES, UPDATE_SALE } from './documents';

const TONES: Record<SaleStatus, Tone> = { PENDING: 'busy', APPROVED: 'good', PAID: 'good', DENIED: 'none' };

const send = (sale: Sale, status: SaleStatus) => mutate(UPDATE_SALE, { input: { affiliateSaleId: sale.id, status } });

/** A paid commission can't be pending again. */
const allowed = (from: SaleStatus, to: SaleStatus): boolean => !(from === 'PAID' && to === 'PENDING');

function change(sale: Sale, status: SaleStatus, onChanged: () => void): Promise<void> {
  const undo = () => send(sale, sale.status).then(onChanged);
  return send(sale, status).then(
    () => {
      toast({ text: t.affiliates.saleChanged(t.affiliates.saleStatus[status]), ...(allowed(status, sale.status) && { undo }) });
      onChanged();
    },
    (error: unknown) => toast({ text: errorText(error), tone: 'bad' }),
  );
}

function StatusMenu({ sale, onChanged }: { sale: Sale; onChanged: () => void }) {
  const pill = <Status tone={TONES[sale.status]}>{t.affiliates.saleStatus[sale.status]}</Status>;
  if (!may('ADMIN')) return pill;
  const items: MenuEntry[] = SALE_STATUSES.filter((status) => status !== sale.status).map((status) => ({
    id: status, label: t.affiliates.saleAction[status], onSelect: () => change(sale, status, onChanged),
    ...(!allowed(sale.status, status) && { disabledReason: t.affiliates.paidStays }),
  }));
  return <Menu label={t.affiliates.changeSale(sale.externalId ?? '')} items={items} trigger={<>{pill}<span class="unseen">{t.affiliates.changeSale(sale.externalId ?? '')}</span><Icon name="chevron-down" /></>} />;
}

const Amount = ({ label, children }: { label: string; children: string }) => <span class="affiliates-count" data-label={label}>{children}</span>;

const columns = (onChanged: () => void): Column<Sale>[] => [
  { id: 'sale', header: t.affiliates.sale, width: '1.5fr', cell: ({ externalId }) => <bdi class="affiliate-sale">{externalId ?? t.components.never}</bdi> },
  { id: 'sold', header: t.affiliates.sold, width: '1fr', hideBelow: 'tablet', cell: ({ soldAt }) => <Time at={soldAt} style="date" /> },
  { id: 'amount', header: t.affiliates.amount, width: '1fr', align: 'end', cell: ({ amount }) => <Amount label={t.affiliates.amount}>{money(amount)}</Amount> },
  { id: 'commission', header: t.affiliates.commission, width: '1fr', align: 'end', cell: ({ commission }) => <Amount label={t.affiliates.commission}>{money(commission)}</Amount> },
  { id: 'status', header: t.affiliates.status, width: '1.9fr', cell: (sale) => <StatusMenu sale={sale} onChanged={onChanged} /> },
];

export function Sales({ affiliateId, onChanged }: { affiliateId: string; onChanged: () => void }) {
  const statuses = SALE_STATUSES.filter((status) => params.value.getAll('sale').includes(status));
  const filtered = statuses.length > 0;
  const list = useList(SALES, { id: affiliateId, statuses: filtered ? statuses : null }, ({ affiliate }) => affiliate?.sales);
  const changed = () => {
    list.reload();
    onChanged();
  };
  const shown = useMemo(() => columns(changed), [list.reload, onChanged]);
  useRefreshOn(['AFFILIATE_SALE'], list.refresh);
  const refused = noRole('ADMIN');
  return (
    <Card title={t.affiliates.sales}>
      <div class="affiliate-sales">
        <p class="hint">{refused ? t.affiliates.salesRefused : t.affiliates.salesHint}</p>
        {(filtered || list.total !== 0) && (
          <FilterChips value={{ sale: statuses }} onChange={({ sale }) => setParams({ sale })} chips={[{
            id: 'sale', label: t.affiliates.status, options: SALE_STATUSES.map((value) => ({ value, label: t.affiliates.saleStatus[value] })),
          }]} />
        )}
        <Table list={list} columns={shown} label={t.affiliates.sales} rowLabel={({ externalId }) => externalId ?? ''}
          empty={<Empty icon="tag" title={filtered ? t.affiliates.noSalesMatch : t.affiliates.noSales}>{!filtered && <p>{t.affiliates.noSalesHint}</p>}</Empty>} />
      </div>
    </Card>
  );
}
