import type { developers as en } from '../en/developers';

export const developers: typeof en = {};
