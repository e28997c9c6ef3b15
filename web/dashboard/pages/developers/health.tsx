import { useEffect, useState } from 'preact/hooks';
import type { Tone } from '../../components';
import { Button, Card, Status } from '../../components';
import { t } from '../../i18n';

const PATHS = ['healthz', 'readyz'] as const;

type Path = (typeof PATHS)[number];
type State = 'checking' | 'well' | 'failing' | 'unreachable';
type Health = { state: State; detail?: string };

const TONES: Record<State, Tone> = { checking: 'busy', well: 'good', failing: 'bad', unreachable: 'bad' };

async function check(path: Path): Promise<Health> {
  try {
    const response = await fetch(`/${path}`, { cache: 'no-store', credentials: 'omit' });
    if (response.ok) return { state: 'well' };
    return { state: 'failing', detail: (await response.text()).trim() };
  } catch {
    return { state: 'unreachable' };
  }
}

const CHECKING: Record<Path, Health> = { healthz: { state: 'checking' }, readyz: { state: 'checking' } };

export function HealthCard() {
  const [health, setHealth] = useState(CHECKING);
  const busy = PATHS.some((path) => health[path].state === 'checking');
  const checkAll = () => {
    setHealth(CHECKING);
    for (const path of PATHS) {
      void check(path).then((found) => setHealth((known) => ({ ...known, [path]: found })));
    }
  };
  useEffect(checkAll, []);
  return (
    <Card title={t.developers.healthTitle} action={
      <Button kind="plain" size="small" icon="refresh" busy={busy} onClick={checkAll}>{t.developers.checkAgain}</Button>
    }>
      <dl class="health" aria-live="polite">
        {PATHS.map((path) => (
          <div key={path} data-path={path}>
            <dt>{t.developers.health[path]} <code translate={false}>/{path}</code></dt>
            <dd>
              <Status tone={TONES[health[path].state]}>{t.developers.healthState[health[path].state]}</Status>
              {health[path].detail && <p class="hint">{health[path].detail}</p>}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
