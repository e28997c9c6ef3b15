import type { jobs as en } from '../en/jobs';
import { jobs as english } from '../en/jobs';

export const jobs: typeof en = english;
