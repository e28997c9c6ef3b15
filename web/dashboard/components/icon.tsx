const PATHS = {
  home: 'M2.5 7 8 2.5 13.5 7v6.5h-4v-4h-3v4h-4z',
  people: 'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.8c1.5.5 2.5 1.8 2.5 3.7',
  mail: 'M2 3.5h12v9H2zM2 4.5 8 9l6-4.5',
  template: 'M2.5 2.5h11v11h-11zM2.5 6h11M5 8.5h6M5 11h4',
  invite: 'M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M12.5 4.5v4M10.5 6.5h4',
  link: 'm6.5 9.5 3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3l-1.2 1.2M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3l1.2-1.2',
  book: 'M8 4.5C6.5 3 4 3 2 3.5v9c2-.5 4.5-.5 6 1 1.5-1.5 4-1.5 6-1v-9c-2-.5-4.5-.5-6 1zM8 4.5v9',
  community: 'M2 3h8.5v6H6l-2.5 2V9H2zM12.5 6H14v5.5h-1.5v2L10 11.5H7.5',
  offer: 'M2.5 5.5h11v3h-11zM3.5 8.5h9v5h-9zM8 5.5v8M8 5.5C4.5 5.5 4 2.5 5.5 2.5S8 5.5 8 5.5s1-3 2.5-3 1 3-2.5 3z',
  jobs: 'm8 2 6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3',
  team: 'm8 1.8 5 1.7v4c0 3.2-2 5.4-5 6.7-3-1.3-5-3.5-5-6.7v-4zM6 8l1.5 1.5 2.7-3',
  key: 'M10 9.5A3.75 3.75 0 1 0 6.5 7L2 11.5V14h2.5v-1.5H6V11l1.6-1.6M11 5h.01',
  audit: 'M4 1.8h6l2.5 2.5v10H4zM6.5 6.5H10M6.5 9H10M6.5 11.5h2',
  settings: 'M2 4.5h6M11 4.5h3M2 11.5h3M8 11.5h6M9.5 3v3M6.5 10v3',
  code: 'M5 4.5 1.5 8 5 11.5M11 4.5 14.5 8 11 11.5M9 3 7 13',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5 14 14',
  plus: 'M8 3v10M3 8h10',
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'm4 4 8 8M12 4l-8 8',
  check: 'M3 8.5 6.5 12 13 4.5',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  'chevron-down': 'm4 6 4 4 4-4',
  'chevron-up': 'm4 10 4-4 4 4',
  'chevron-left': 'm10 4-4 4 4 4',
  'chevron-right': 'm6 4 4 4-4 4',
  more: 'M3 7.5h.5v.5H3zM7.75 7.5h.5v.5h-.5zM12.5 7.5h.5v.5h-.5z',
  'arrow-left': 'M13 8H3M7 4 3 8l4 4',
  external: 'M9.5 2.5h4v4M13.5 2.5l-6 6M11.5 9v4.5h-9v-9H7',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  upload: 'M8 10.5V2M4.5 5.5 8 2l3.5 3.5M2.5 13.5h11',
  bell: 'M4 11V7a4 4 0 0 1 8 0v4l1.5 1.5h-11zM6.5 14.5h3',
  alert: 'M8 2l6.5 11.5h-13zM8 6.5v3M8 11.5h.01',
  lock: 'M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  send: 'M14 2 7 9M14 2 9.5 14 7 9 2 6.5z',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.5',
  trash: 'M2.5 4h11M6 4V2.5h4V4M4 4l.6 9.5h6.8L12 4M6.7 6.8v4M9.3 6.8v4',
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.5M13.5 2v3.5H10',
  filter: 'M2 3.5h12M4.5 8h7M6.5 12.5h3',
  tag: 'M2 2.5h5.5L14 9l-5 5-7-7zM5 5.5h.01',
  archive: 'M2 2.5h12V6H2zM3 6v7.5h10V6M6.5 9h3',
  edit: 'M11 2.5 13.5 5l-8 8H3v-2.5zM9 4.5 11.5 7',
  affiliate: 'M2.5 6.5h2L12 3v9L4.5 9.5h-2zM5 9.7l1 3.8h2l-1-3.1M13.8 6.3v2.4',
  help: 'M8 14.25a6.25 6.25 0 1 0 0-12.5 6.25 6.25 0 0 0 0 12.5zM6.2 6.3a1.85 1.85 0 1 1 2.7 1.65c-.6.3-.9.7-.9 1.3M8 11.4h.01',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  undo: 'm5.5 3-3 3 3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6',
  qr: 'M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5H11V11M13.5 9.5v4h-4V12',
  share: 'M8 10V2M5 4.5l3-2.7 3 2.7M3.5 8v6h9V8',
  user: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8zM2.8 14c0-2.8 2.3-4.3 5.2-4.3s5.2 1.5 5.2 4.3',
  logout: 'M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3',
  globe: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM2 8h12M8 2c2 1.8 2.6 3.8 2.6 6S10 12.2 8 14c-2-1.8-2.6-3.8-2.6-6S6 3.8 8 2z',
  pause: 'M5.5 3v10M10.5 3v10',
  play: 'M4.5 2.8v10.4L13 8z',
  stop: 'M3.5 3.5h9v9h-9z',
  workflow: 'M8 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM8 6v2M4 10V8h8v2M4 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
} as const;

export type IconName = keyof typeof PATHS;

export const ICONS = Object.keys(PATHS) as IconName[];

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
