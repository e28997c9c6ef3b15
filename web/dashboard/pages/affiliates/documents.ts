// The list of affiliates: its query, and its filters in the address: `?search=ann&status=PAUSED`.
import type { ResultOf } from '../../api';
import { boot, graphql, may } from '../../api';
import { language, t } from '../../i18n';

export const AFFILIATES = graphql(`
  query Affiliates($search: String, $statuses: [AffiliateStatus!], $after: String) {
    affiliates(search: $search, statuses: $statuses, first: 50, after: $after) {
      nodes {
        id code link status clickCount
        contact { id name email phone }
        sales(first: 0) { totalCount }
        commission { amount currencyCode }
      }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`);

export const SET = graphql(`
  mutation SetAffiliate($input: SetAffiliateInput!) {
    setAffiliate(input: $input) {
      enrolled
      affiliate { id code link status targetUrl updatedAt contact { id affiliate { id } } }
    }
  }
`);

export const CHOSEN = graphql(`
  query AffiliateContact($id: ID!) {
    contact(id: $id) { id name email phone affiliate { id } }
  }
`);

export type AffiliateRow = ResultOf<typeof AFFILIATES>['affiliates']['nodes'][number];
export type Status = AffiliateRow['status'];
type Money = AffiliateRow['commission'][number];

export const STATUSES: readonly Status[] = ['ACTIVE', 'PAUSED'];

export const statusesOf = (search: URLSearchParams): Status[] => STATUSES.filter((status) => search.getAll('status').includes(status));

/** An amount in its currency, as the reader's language writes it. */
export const money = ({ amount, currencyCode }: Money): string =>
  new Intl.NumberFormat(language, { style: 'currency', currency: currencyCode }).format(Number(amount));

export const noRole = (permission: Parameters<typeof may>[0]): string | undefined =>
  may(permission) ? undefined : t.common.noRole(t.words.role[boot.role]);
