import type { Column, Tone } from '../../components';
import { Avatar, Status, IconButton, toast } from '../../components';
import { number, t } from '../../i18n';
import { nameOf } from '../contact/contact';
import type { AffiliateRow, Status as AffiliateStatus } from './documents';
import { money } from './documents';

const TONES: Record<AffiliateStatus, Tone> = { ACTIVE: 'good', PAUSED: 'none' };

export const AffiliateStatusPill = ({ status }: { status: AffiliateStatus }) => <Status tone={TONES[status]}>{t.affiliates.statuses[status]}</Status>;

export const nameOfAffiliate = ({ contact }: Pick<AffiliateRow, 'contact'>): string => (contact ? nameOf(contact) : t.common.aContact);

export const Person = ({ affiliate }: { affiliate: Pick<AffiliateRow, 'contact'> }) => {
  const name = nameOfAffiliate(affiliate);
  const email = affiliate.contact?.email;
  return (
    <span class="contacts-person">
      <Avatar name={name} />
      <span class="contacts-person-text">
        <bdi class="contacts-name">{name}</bdi>
        {email && email !== name && <bdi class="contacts-address">{email}</bdi>}
      </span>
    </span>
  );
};

export function copyLink(link: string): void {
  navigator.clipboard.writeText(link).then(
    () => toast({ text: t.components.copied }),
    () => toast({ text: t.components.copyFailed, tone: 'bad' }),
  );
}

const Code = ({ affiliate: { code, link } }: { affiliate: AffiliateRow }) => (
  <span class="affiliates-code">
    <code title={link}>{code}</code>
    <IconButton icon="copy" label={t.affiliates.copyLink(code)} onClick={() => copyLink(link)} />
  </span>
);

const Count = ({ label, value }: { label: string; value: number }) => <span class="affiliates-count" data-label={label}>{number(value)}</span>;

const Commission = ({ affiliate: { commission } }: { affiliate: AffiliateRow }) =>
  commission.length === 0 ? <span class="time-none">{t.components.never}</span> : (
    <span class="affiliates-money" data-label={t.affiliates.commission}>{commission.map((sum) => <span key={sum.currencyCode}>{money(sum)}</span>)}</span>
  );

export const columns = (): Column<AffiliateRow>[] => [
  { id: 'contact', header: t.affiliates.contact, width: '2fr', cell: (row) => <Person affiliate={row} /> },
  { id: 'code', header: t.affiliates.code, width: '1.3fr', cell: (row) => <Code affiliate={row} /> },
  { id: 'clicks', header: t.affiliates.clicks, width: '6rem', align: 'end', cell: ({ clickCount }) => <Count label={t.affiliates.clicks} value={clickCount} /> },
  { id: 'sales', header: t.affiliates.sales, width: '6rem', align: 'end', cell: ({ sales }) => <Count label={t.affiliates.sales} value={sales.totalCount} /> },
  { id: 'commission', header: t.affiliates.commission, width: '9rem', align: 'end', cell: (row) => <Commission affiliate={row} /> },
  { id: 'status', header: t.affiliates.status, width: '8rem', cell: ({ status }) => <AffiliateStatusPill status={status} /> },
];
