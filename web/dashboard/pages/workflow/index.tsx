import { useEffect, useState } from 'preact/hooks';
import { useQuery, useRefreshOnReturn } from '../../api';
import { Banner, Button, ButtonLink, Card, Empty, ErrorNotice, PageHeader, Skeleton, Tabs, useRoom } from '../../components';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { noWriting } from '../workflows/documents';
import { useCounts } from './counts';
import type { Workflow } from './documents';
import { WORKFLOW } from './documents';
import { EditDialog } from './edit_dialog';
import type { Editing } from './editing';
import { useEditing } from './editing';
import type { Shown } from './flow';
import { Found, Steps } from './flow';
import { Header, back } from './header';
import { problemsOf } from './missing';
import { useNames } from './names';
import { Runs } from './runs';
import { SettingsTab } from './settings';
import { TestWalk } from './test_walk';
import { Triggers } from './triggers';

export default function WorkflowPage({ id }: { id: string }) {
  const refused = noWriting();
  const { data, error, reload } = useQuery(WORKFLOW, { id }, { pause: refused !== undefined });
  useRefreshOnReturn(() => refused === undefined && reload());
  if (data?.workflow) return <Page key={id} workflow={data.workflow} reload={reload} />;
  return (
    <>
      <PageHeader title={data ? t.common.notFound : t.workflows.workflow} back={back()} />
      {refused && <Empty icon="lock" title={t.workflows.notYours}><p>{refused}</p></Empty>}
      {data && (
        <Empty icon="workflow" title={t.workflows.missing}>
          <p>{t.common.notFoundHint}</p>
          <ButtonLink kind="quiet" href={link('workflows')}>{t.shell.workflows}</ButtonLink>
        </Empty>
      )}
      {!refused && !data && (error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />)}
    </>
  );
}

const TABS = ['flow', 'runs', 'test', 'settings'] as const;

type Tab = (typeof TABS)[number];

function Page({ workflow, reload }: { workflow: Workflow; reload: () => void }) {
  const editing = useEditing(workflow, reload);
  const names = useNames(editing.values);
  const counts = useCounts(workflow.id);
  const [what, setWhat] = useState<string | null>(null);
  const problems = problemsOf(editing);
  const tab = TABS.find((name) => name === params.value.get('tab')) ?? 'flow';
  const archived = workflow.status === 'ARCHIVED';
  const shown: Shown = { editing, names, problems, counts: counts.steps, ...(!archived && { onEdit: setWhat }) };
  return (
    <div class="workflow">
      <Header editing={editing} reload={reload} />
      <State editing={editing} />
      <Tabs label={t.workflows.workflow} current={tab} onChange={(name) => setParams({ tab: name === 'flow' ? undefined : name, run: undefined, status: undefined })}
        tabs={TABS.map((name) => ({ id: name, label: t.workflows.tabs[name], ...(name === 'runs' && counts.runs && { count: counts.total }) }))} />
      <div role="tabpanel" aria-label={t.workflows.tabs[tab]}><Panel tab={tab} shown={shown} counts={counts} /></div>
      {editing.dirty && <Unsaved editing={editing} />}
      {what !== null && <EditDialog what={what} editing={editing} names={names} problems={problems} onClose={() => setWhat(null)} />}
    </div>
  );
}

function Panel({ tab, shown, counts }: { tab: Tab; shown: Shown; counts: ReturnType<typeof useCounts> }) {
  switch (tab) {
    case 'flow': return <Flow shown={shown} />;
    case 'runs': return <Runs shown={shown} counts={counts} />;
    case 'test': return <TestWalk shown={shown} />;
    case 'settings': return <SettingsTab editing={shown.editing} problems={shown.problems} />;
  }
}

/** The whole flow; also where a way through it is shown. */
export const Flow = ({ shown }: { shown: Shown }) => (
  <Card>
    <div class="flow">
      <Triggers shown={shown} />
      <h2 class="flow-heading" tabIndex={-1}>{t.workflows.steps}</h2>
      <Steps shown={shown} items={shown.editing.values.items} list={[]} />
    </div>
  </Card>
);

/** Stays in view while the flow is scrolled. */
const Unsaved = ({ editing: { outdated, discard, save, busy, workflow } }: { editing: Editing }) => (
  <div class="workflow-unsaved" ref={useRoom('--selection-room', true)}>
    <Banner tone="info" action={
      <span class="workflow-save">
        <Button size="small" busy={busy} disabledReason={outdated ? t.messageEditor.decideFirst : noWriting()} onClick={() => void save()}>{t.common.save}</Button>
        <Button kind="quiet" size="small" onClick={discard}>{t.access.discard}</Button>
      </span>
    }>{workflow.version === null ? t.access.unsaved : t.workflows.unsavedPublished}</Banner>
  </div>
);

/** What is wrong beside the steps, and what another person did. */
function State({ editing }: { editing: Editing }) {
  const { outdated, error, checked, keepMine, workflow } = editing;
  const problems = problemsOf(editing);
  const elsewhere = error !== undefined && problems.size === 0;
  useEffect(() => {
    if (checked || error !== undefined) document.querySelector<HTMLElement>('[data-wrong] .flow-open')?.focus();
  }, [checked, error]);
  return (
    <div class="workflow-state">
      {outdated && <Banner tone="warn" action={<Button kind="quiet" size="small" onClick={keepMine}>{t.messageEditor.keepMine}</Button>}>{t.workflows.outdated}</Banner>}
      {elsewhere && <ErrorNotice error={error} />}
      {problems.size > 0 && <Banner tone="warn">{problems.get('workflow') ? <Found problems={problems} place="workflow" /> : t.workflows.problems(problems.size)}</Banner>}
      {workflow.status === 'PAUSED' && <Banner tone="warn">{workflow.keepsEvents ? t.workflows.pausedKeeps : t.workflows.pausedDrops}</Banner>}
    </div>
  );
}
