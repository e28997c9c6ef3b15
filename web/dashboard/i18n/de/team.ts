import type { team as en } from '../en/team';

export const team: typeof en = {};
