import type { ResultOf } from '../../api';
import type { Tone } from '../../components';
import { Status } from '../../components';
import { t } from '../../i18n';
import type { JOBS } from './list';

export type JobRow = ResultOf<typeof JOBS>['bulkJobs']['nodes'][number];

const TONES: Record<JobRow['status'], Tone> = {
  QUEUED: 'none', RUNNING: 'busy', PAUSED: 'warn', SUCCEEDED: 'good', FAILED: 'bad', CANCELLED: 'none',
};

export const JobState = ({ status }: { status: JobRow['status'] }) => <Status tone={TONES[status]}>{t.words.jobStatus[status]}</Status>;

export const isOpen = ({ status }: { status: JobRow['status'] }): boolean => status === 'QUEUED' || status === 'RUNNING' || status === 'PAUSED';
