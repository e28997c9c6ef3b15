import type { ResultOf, VariablesOf } from '../../api';
import { boot, graphql, may } from '../../api';
import { t } from '../../i18n';

export const MENU = graphql(`
  query Menu($audience: Audience!) {
    menuItems(audience: $audience) {
      id title icon section url opensIn position
      visibleTo {
        minimumRole
        target {
          __typename
          ... on Course { id title }
          ... on Community { id title: name }
          ... on Offer { id title }
        }
      }
    }
  }
`);

export const FRAME_HOSTS = graphql(`
  query FrameHosts {
    portal { id settings { frameHosts } }
  }
`);

export const SET_FRAME_HOSTS = graphql(`
  mutation SetFrameHosts($input: UpdatePortalSettingsInput!) {
    updatePortalSettings(input: $input) { portal { id settings { frameHosts } } }
  }
`);

/** What a contact may need to see an item. */
export const TARGETS = graphql(`
  query MenuTargets {
    courses(first: 100) { nodes { id title } }
    communities(first: 100) { nodes { id title: name } }
    offers(first: 100) { nodes { id title } }
  }
`);

export const CREATE = graphql(`
  mutation CreateMenuItem($input: CreateMenuItemInput!) {
    createMenuItem(input: $input) { menuItem { id } }
  }
`);

export const UPDATE = graphql(`
  mutation UpdateMenuItem($input: UpdateMenuItemInput!) {
    updateMenuItem(input: $input) { menuItem { id } }
  }
`);

export const DELETE = graphql(`
  mutation DeleteMenuItem($input: DeleteMenuItemInput!) {
    deleteMenuItem(input: $input) { deletedMenuItemId }
  }
`);

export const REORDER = graphql(`
  mutation ReorderMenuItems($input: ReorderMenuItemsInput!) {
    reorderMenuItems(input: $input) { menuItems { id position } }
  }
`);

export type Item = ResultOf<typeof MENU>['menuItems'][number];
export type Audience = VariablesOf<typeof MENU>['audience'];

export const AUDIENCES: readonly Audience[] = ['PORTAL', 'DASHBOARD'];

export const MAX_ITEMS = 50;

export const noRole = (permission: Parameters<typeof may>[0] = 'CONTENT'): string | undefined =>
  may(permission) ? undefined : t.common.noRole(t.words.role[boot.role]);

/** Whether pages of this URL may be shown in a frame: a host is named, or all hosts below a domain. */
export function mayFrame(hosts: readonly string[], url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host));
}
