import type { contacts as en } from '../en/contacts';

export const contacts: typeof en = {};
