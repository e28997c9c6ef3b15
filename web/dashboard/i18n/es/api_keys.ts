import type { apiKeys as en } from '../en/api_keys';

export const apiKeys: typeof en = {};
