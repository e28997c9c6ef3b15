// Addresses: every view, and the state of each list in it, has one.
import { computed, signal } from '@preact/signals';
import { boot } from './api';

const read = () => ({ path: location.pathname.slice(boot.base.length).replace(/^\/|\/$/g, ''), search: location.search });

const current = signal(read());

/** The path below the dashboard, such as `contacts/contact_01h…`; empty for the overview. */
export const path = computed(() => current.value.path);

/** The parameters of the address, such as `?status=INVITED`. */
export const params = computed(() => new URLSearchParams(current.value.search));

/** The address of a view: `link('contacts', { status: 'INVITED' })`. */
export function link(to: string, query: Record<string, string | readonly string[] | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) if (each) search.append(name, each);
  }
  const suffix = search.size ? `?${search}` : '';
  return to ? `${boot.base}/${to}${suffix}` : `${boot.base}${suffix}`;
}

/** How often another page was opened since the start. */
export let moves = 0;

function follow(): boolean {
  const moved = current.value.path !== read().path;
  if (moved) moves += 1;
  current.value = read();
  return moved;
}

export function navigate(href: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  if (follow()) scrollTo(0, 0);
}

/** Changes parameters of the present address; an empty value removes one. */
export function setParams(changes: Record<string, string | readonly string[] | undefined>): void {
  const kept: Record<string, string[]> = {};
  for (const name of params.value.keys()) if (!(name in changes)) kept[name] = params.value.getAll(name);
  navigate(link(path.value, { ...kept, ...changes }), { replace: true });
}

const isOurs = (anchor: HTMLAnchorElement): boolean =>
  anchor.origin === location.origin &&
  (anchor.pathname === boot.base || anchor.pathname.startsWith(`${boot.base}/`)) &&
  !SERVER_PAGES.includes(anchor.pathname.slice(boot.base.length + 1).split('/')[0] ?? '') &&
  !anchor.target && !anchor.hasAttribute('download');

/** The browser itself goes to a part of the present page, such as `#main`. */
const isHere = (anchor: HTMLAnchorElement): boolean =>
  anchor.hash !== '' && anchor.pathname === location.pathname && anchor.search === location.search;

/** Paths below the dashboard that the browser loads anew: the server renders them, or gives them a policy of their own. */
const SERVER_PAGES = ['profile', 'outbox', 'login', 'sign-out', 'contacts.csv', 'items'];

export function startRouter(): void {
  addEventListener('popstate', follow);
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const anchor = (event.target as Element).closest('a');
    if (!anchor?.href || !isOurs(anchor) || isHere(anchor)) return;
    event.preventDefault();
    navigate(anchor.pathname + anchor.search + anchor.hash);
  });
}
