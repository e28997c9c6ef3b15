import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Activity } from '../../api';
import { graphql, useActivity, useQuery } from '../../api';
import type { Entry } from './grouping';
import { grouped, merged } from './grouping';

const RECENT = graphql(`
  query RecentActivity {
    recentActivity(first: 20) { nodes { id kind at outcome subjectId contactId contact { id name email } } }
  }
`);

const KEPT = 400;
const FLUSH_MS = 300;

/** The recent events and, on top, those that arrive. While `held`, they wait and are only counted. */
export function useFeed(held: boolean) {
  const { data, error, loading, reload } = useQuery(RECENT, {});
  const [live, setLive] = useState<readonly Activity[]>([]);
  const [waiting, setWaiting] = useState(0);
  const arrived = useRef<Activity[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const flush = () => {
    timer.current = undefined;
    const fresh = arrived.current;
    if (!fresh.length) return;
    arrived.current = [];
    setWaiting(0);
    setLive((events) => merged(events, fresh, KEPT));
  };
  useActivity((event) => {
    arrived.current = [event, ...arrived.current].slice(0, KEPT);
    if (held) setWaiting(arrived.current.length);
    else timer.current ??= setTimeout(flush, FLUSH_MS);
  });
  useEffect(() => {
    if (held) {
      clearTimeout(timer.current);
      timer.current = undefined;
      setWaiting(arrived.current.length);
    } else {
      flush();
    }
    return () => clearTimeout(timer.current);
  }, [held]);

  const read = data?.recentActivity.nodes;
  const entries: Entry[] = useMemo(() => grouped(merged(read ?? [], live, KEPT)), [read, live]);
  return { entries, waiting, showWaiting: flush, error: read ? undefined : error, loading, reload };
}
