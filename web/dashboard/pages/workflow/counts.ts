// How many runs are where: read every few seconds while the page is seen.
import { useEffect, useMemo } from 'preact/hooks';
import { useQuery } from '../../api';
import type { Count, RunStatus } from './documents';
import { COUNTS, RUN_STATUSES } from './documents';

const EVERY_MS = 4000;

export type Counts = {
  steps: ReadonlyMap<string, Count>;
  runs: Record<RunStatus, number> | undefined;
  total: number;
  reload: () => void;
};

export function useCounts(id: string): Counts {
  const { data, reload } = useQuery(COUNTS, { id });
  const workflow = data?.workflow;
  const live = workflow?.status === 'PUBLISHED' || (workflow?.RUNNING?.totalCount ?? 0) > 0;
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => {
      if (!document.hidden) reload();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [live]);
  const steps = useMemo(() => new Map((workflow?.counts ?? []).map((count) => [count.stepKey, count])), [workflow]);
  const runs = workflow ? (Object.fromEntries(RUN_STATUSES.map((status) => [status, workflow[status]?.totalCount ?? 0])) as Record<RunStatus, number>) : undefined;
  return { steps, runs, total: runs ? RUN_STATUSES.reduce((sum, status) => sum + runs[status], 0) : 0, reload };
}
