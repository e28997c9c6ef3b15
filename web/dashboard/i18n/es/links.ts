import type { links as en } from '../en/links';

export const links: typeof en = {};
