// The registry of pages: each is a folder in `pages/`, loaded when it is first opened.
import type { ComponentType } from 'preact';
import type { Permission } from './api';
import type { IconName } from './components';
import { t } from './i18n';

export type PageModule = { default: ComponentType<{ id: string }> };

export type Page = {
  /** The path below the dashboard. `contacts/:id` gets the id as a property. */
  path: string;
  load: () => Promise<PageModule>;
  /** In the navigation, if it has a label. */
  nav?: { label: () => string; icon: IconName; group: 'people' | 'content' | 'mail' | 'account'; needs?: Permission };
};

export const PAGES: readonly Page[] = [
  { path: '', load: () => import('./pages/overview'), nav: { label: () => t.shell.overview, icon: 'home', group: 'people' } },
  { path: 'contacts', load: () => import('./pages/contacts'), nav: { label: () => t.shell.contacts, icon: 'people', group: 'people' } },
  { path: 'contacts/:id', load: () => import('./pages/contact') },
  { path: 'smart-lists', load: () => import('./pages/smart_lists'), nav: { label: () => t.shell.smartLists, icon: 'filter', group: 'people' } },
  { path: 'smart-lists/:id', load: () => import('./pages/smart_list') },
  { path: 'invitations', load: () => import('./pages/invitations'), nav: { label: () => t.shell.invitations, icon: 'invite', group: 'people' } },
  { path: 'courses', load: () => import('./pages/courses'), nav: { label: () => t.shell.courses, icon: 'book', group: 'content' } },
  { path: 'courses/:id', load: () => import('./pages/course') },
  { path: 'communities', load: () => import('./pages/communities'), nav: { label: () => t.shell.communities, icon: 'community', group: 'content' } },
  { path: 'communities/:id', load: () => import('./pages/community') },
  { path: 'offers', load: () => import('./pages/offers'), nav: { label: () => t.shell.offers, icon: 'offer', group: 'content' } },
  { path: 'offers/:id', load: () => import('./pages/offer') },
  { path: 'affiliates', load: () => import('./pages/affiliates'), nav: { label: () => t.shell.affiliates, icon: 'affiliate', group: 'content' } },
  { path: 'affiliates/:id', load: () => import('./pages/affiliate') },
  { path: 'menu', load: () => import('./pages/menu'), nav: { label: () => t.shell.menuItems, icon: 'menu', group: 'content', needs: 'CONTENT' } },
  { path: 'items/:id', load: () => import('./pages/framed_item') },
  { path: 'messages', load: () => import('./pages/messages'), nav: { label: () => t.shell.messages, icon: 'mail', group: 'mail' } },
  { path: 'messages/:id', load: () => import('./pages/message') },
  { path: 'compose', load: () => import('./pages/compose') },
  { path: 'templates', load: () => import('./pages/templates'), nav: { label: () => t.shell.templates, icon: 'template', group: 'mail', needs: 'INVITE' } },
  { path: 'templates/:id', load: () => import('./pages/template') },
  { path: 'workflows', load: () => import('./pages/workflows'), nav: { label: () => t.shell.workflows, icon: 'workflow', group: 'mail', needs: 'ADMIN' } },
  { path: 'workflows/:id', load: () => import('./pages/workflow') },
  { path: 'emails', load: () => import('./pages/system_emails'), nav: { label: () => t.shell.systemEmails, icon: 'bell', group: 'mail', needs: 'ADMIN' } },
  { path: 'emails/:id', load: () => import('./pages/system_email') },
  { path: 'links', load: () => import('./pages/links'), nav: { label: () => t.shell.links, icon: 'link', group: 'mail' } },
  { path: 'jobs', load: () => import('./pages/jobs'), nav: { label: () => t.shell.jobs, icon: 'jobs', group: 'mail' } },
  { path: 'jobs/:id', load: () => import('./pages/job') },
  { path: 'import', load: () => import('./pages/import') },
  { path: 'team', load: () => import('./pages/team'), nav: { label: () => t.shell.team, icon: 'team', group: 'account', needs: 'TEAM' } },
  { path: 'api-keys', load: () => import('./pages/api_keys'), nav: { label: () => t.shell.apiKeys, icon: 'key', group: 'account', needs: 'TEAM' } },
  { path: 'audit', load: () => import('./pages/audit'), nav: { label: () => t.shell.audit, icon: 'audit', group: 'account', needs: 'ADMIN' } },
  { path: 'settings', load: () => import('./pages/settings'), nav: { label: () => t.shell.settings, icon: 'settings', group: 'account', needs: 'ADMIN' } },
  { path: 'developers', load: () => import('./pages/developers'), nav: { label: () => t.shell.developers, icon: 'code', group: 'account' } },
  { path: 'components', load: () => import('./pages/components') },
];

/** The page of a path, and the id in it. */
export function findPage(path: string): { page: Page; id: string } | null {
  for (const page of PAGES) {
    if (page.path === path) return { page, id: '' };
    const prefix = page.path.endsWith('/:id') ? page.path.slice(0, -3) : null;
    if (prefix && path.startsWith(prefix) && !path.slice(prefix.length).includes('/')) {
      return { page, id: path.slice(prefix.length) };
    }
  }
  return null;
}
