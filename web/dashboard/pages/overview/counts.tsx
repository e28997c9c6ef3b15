import { useEffect, useRef, useState } from 'preact/hooks';
import type { Counts as Stats } from '../../api';
import { counts, graphql, useQuery } from '../../api';
import { ErrorNotice } from '../../components';
import { number, t } from '../../i18n';
import { link } from '../../router';

const COUNTS = graphql(`
  query PortalCounts {
    portalStats { invited active invitedTotal activeLast30Days version }
  }
`);

type Name = Exclude<keyof Stats, 'version'>;

const NAMES: readonly Name[] = ['invited', 'active', 'invitedTotal', 'activeLast30Days'];

const lists = (): Record<Name, string> => ({
  invited: link('contacts', { status: 'INVITED' }),
  active: link('contacts', { status: 'ACTIVE' }),
  invitedTotal: link('contacts', { status: ['INVITED', 'ACTIVE', 'REVOKED'], order: 'INVITED_AT' }),
  activeLast30Days: link('contacts', { status: 'ACTIVE', order: 'LAST_SEEN_AT' }),
});

/** The newer of the first response and the live counts. Versions are ordered as text. */
function useCounts() {
  const { data, error, reload } = useQuery(COUNTS, {});
  const read = data?.portalStats;
  const live = counts.value;
  const stats = read && (!live || read.version > live.version) ? read : live;
  return { stats, error: stats ? undefined : error, reload };
}

const TINT_MS = 1_600;

/** True for a moment after the value changed. */
function useChanged(value: number | undefined): boolean {
  const [changed, setChanged] = useState(false);
  const last = useRef(value);
  useEffect(() => {
    const before = last.current;
    last.current = value;
    if (before === undefined || before === value) return;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), TINT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}

const ANNOUNCE_AFTER_MS = 2_000;

/** What a screen reader says about the counts that changed, once for all changes of two seconds. */
function useAnnouncement(stats: Stats | null): string {
  const [text, setText] = useState('');
  const latest = useRef(stats);
  const said = useRef<Stats | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  latest.current = stats;
  useEffect(() => {
    if (!stats) return;
    said.current ??= stats;
    if (timer.current || said.current.version === stats.version) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const [before, now] = [said.current, latest.current];
      said.current = now;
      if (before && now) setText(changes(before, now));
    }, ANNOUNCE_AFTER_MS);
  }, [stats?.version]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return text;
}

const changes = (before: Stats, now: Stats): string =>
  NAMES.filter((name) => before[name] !== now[name])
    .map((name) => t.overview.countIs(t.overview.counts[name].label, number(now[name])))
    .join(' ');

function Tile({ name, href, value }: { name: Name; href: string; value: number | undefined }) {
  const changed = useChanged(value);
  const { label, hint } = t.overview.counts[name];
  return (
    <li>
      <a class="card count" href={href} data-count={name}>
        <span class="count-label">{label}</span>
        <strong class="count-value" data-changed={changed || undefined}>
          {value === undefined ? <span class="count-loading" aria-hidden="true" /> : number(value)}
        </strong>
        <span class="hint">{hint}</span>
      </a>
    </li>
  );
}

export function Counts() {
  const { stats, error, reload } = useCounts();
  const announcement = useAnnouncement(stats);
  const href = lists();
  if (error) return <ErrorNotice error={error} retry={reload} />;
  return (
    <section aria-label={t.overview.countsTitle}>
      <ul class="counts">
        {NAMES.map((name) => <Tile key={name} name={name} href={href[name]} value={stats?.[name]} />)}
      </ul>
      <p class="unseen" role="status">{announcement}</p>
    </section>
  );
}
