// The icons that menu items can have.
import type { graphql } from '../api/graphql';
import type { IconName } from './icon';
import { Icon } from './icon';

type MenuIcon = ReturnType<typeof graphql.scalar<'MenuIcon'>>;

const SHARED: Partial<Record<MenuIcon, IconName>> = {
  BELL: 'bell', BOOK: 'book', DOCUMENT: 'audit', GLOBE: 'globe', HELP: 'help', HOME: 'home', LINK: 'link', MAIL: 'mail', PEOPLE: 'people', SETTINGS: 'settings',
};

// Those that no other page shows.
const PATHS: Partial<Record<MenuIcon, string>> = {
  CALENDAR: 'M2.5 4h11v9.5h-11zM2.5 7h11M5.5 2.25V5M10.5 2.25V5',
  CART: 'M1.5 2.5h2l1.7 7.5h7l1.5-5.5H4M6 13.25h.01M11.25 13.25h.01',
  CHART: 'M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6',
  CHAT: 'M2.5 3h11v8H8l-3 2.5V11H2.5z',
  GIFT: 'M2.5 5.5h11v3h-11zM3.5 8.5h9v5h-9zM8 5.5v8M8 5.5C4.5 5.5 4 2.5 5.5 2.5S8 5.5 8 5.5s1-3 2.5-3 1 3-2.5 3z',
  HEART: 'M8 13.5S2.25 10 2.25 6.1A2.9 2.9 0 0 1 8 4.7a2.9 2.9 0 0 1 5.75 1.4C13.75 10 8 13.5 8 13.5z',
  MICROPHONE: 'M8 2a2 2 0 0 0-2 2v3.5a2 2 0 0 0 4 0V4a2 2 0 0 0-2-2zM3.75 7.5a4.25 4.25 0 0 0 8.5 0M8 11.75V14M6 14h4',
  MONEY: 'M8 14.25a6.25 6.25 0 1 0 0-12.5 6.25 6.25 0 0 0 0 12.5zM10 5.9c-.4-.7-1.1-1-2-1-1.2 0-2 .6-2 1.5 0 2.2 4.1 1 4.1 3.2 0 .9-.9 1.5-2.1 1.5-1 0-1.8-.4-2.1-1.1M8 3.9v1M8 11.1v1',
  PHONE: 'M3 2.5h2.5L6.75 6 5.25 7.25a8 8 0 0 0 3.5 3.5L10 9.25l3.5 1.25V13c0 .3-.2.5-.5.5A10.5 10.5 0 0 1 2.5 3c0-.3.2-.5.5-.5z',
  PICTURE: 'M2 3h12v10H2zM2 11l3.5-3.5 3 3L11 8l3 3M10.5 5.75h.01',
  STAR: 'm8 2 1.85 3.75 4.15.6-3 2.9.7 4.15L8 11.45 4.3 13.4l.7-4.15-3-2.9 4.15-.6z',
  VIDEO: 'M2 4h8.5v8H2zM10.5 7 14 5v6l-3.5-2',
};

export const ICON_NAMES: readonly MenuIcon[] = [
  'LINK', 'HOME', 'BOOK', 'CALENDAR', 'CHAT', 'PEOPLE', 'MAIL', 'BELL', 'VIDEO', 'MICROPHONE', 'PICTURE', 'DOCUMENT', 'CHART', 'CART', 'MONEY', 'GIFT',
  'STAR', 'HEART', 'GLOBE', 'PHONE', 'HELP', 'SETTINGS',
];

export function MenuIconView({ name }: { name: MenuIcon }) {
  const path = PATHS[name];
  if (!path) return <Icon name={SHARED[name] ?? 'link'} />;
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"
      stroke-linejoin="round" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}
