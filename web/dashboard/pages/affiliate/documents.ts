import type { ResultOf } from '../../api';
import { graphql } from '../../api';

export const AFFILIATE = graphql(`
  query Affiliate($id: ID!, $from: Date!, $to: Date!) {
    affiliate(id: $id) {
      id code link targetUrl status clickCount createdAt
      contact { id name email phone portalStatus }
      sales(first: 0) { totalCount }
      commission { amount currencyCode }
      pending: commission(status: PENDING) { amount currencyCode }
      approved: commission(status: APPROVED) { amount currencyCode }
      paid: commission(status: PAID) { amount currencyCode }
      clickHistory(from: $from, to: $to) { date count }
    }
  }
`);

export const SALES = graphql(`
  query AffiliateSales($id: ID!, $statuses: [CommissionStatus!], $after: String) {
    affiliate(id: $id) {
      id
      sales(statuses: $statuses, first: 50, after: $after) {
        nodes { id externalId status soldAt createdAt amount { amount currencyCode } commission { amount currencyCode } }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  }
`);

export const UPDATE_SALE = graphql(`
  mutation UpdateAffiliateSale($input: UpdateAffiliateSaleInput!) {
    updateAffiliateSale(input: $input) { sale { id status updatedAt } }
  }
`);

export type Affiliate = NonNullable<ResultOf<typeof AFFILIATE>['affiliate']>;
export type Sale = NonNullable<ResultOf<typeof SALES>['affiliate']>['sales']['nodes'][number];
export type SaleStatus = Sale['status'];

export const SALE_STATUSES: readonly SaleStatus[] = ['PENDING', 'APPROVED', 'PAID', 'DENIED'];

const DAYS = 30;
const DAY_MS = 86_400_000;

/** The last 30 days; days of clicks begin at midnight UTC. */
export function lastDays(): { from: string; to: string } {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  return { from: day(Date.now() - (DAYS - 1) * DAY_MS), to: day(Date.now()) };
}
