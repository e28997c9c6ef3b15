import { useState } from 'preact/hooks';
import { errorText, mutate } from '../../api';
import type { MenuEntry } from '../../components';
import { Button, Confirm, Menu, PageHeader, Status, Time, toast } from '../../components';
import { number, t } from '../../i18n';
import { link, navigate, setParams } from '../../router';
import { TONES, noWriting } from '../workflows/documents';
import { ARCHIVE, DUPLICATE, RESUME } from './documents';
import type { Workflow } from './documents';
import type { Editing } from './editing';
import { PauseDialog } from './pause';
import { PublishDialog } from './publish';
import { RenameDialog } from './rename';

export const back = () => ({ href: link('workflows'), label: t.shell.workflows });

type Asking = 'publish' | 'pause' | 'archive' | 'rename';

type HeaderProps = { editing: Editing; reload: () => void };

export function Header({ editing, reload }: HeaderProps) {
  const [asking, setAsking] = useState<Asking | null>(null);
  const { workflow, values } = editing;
  const close = () => setAsking(null);
  return (
    <PageHeader title={values.name || workflow.name} back={back()} description={<About editing={editing} />}>
      {workflow.status === 'ARCHIVED'
        ? <Button kind="quiet" icon="copy" disabledReason={noWriting()} onClick={() => void duplicate(workflow)}>{t.workflows.duplicate}</Button>
        : <Actions editing={editing} onAsk={setAsking} reload={reload} />}
      {asking === 'publish' && <PublishDialog workflow={workflow} onClose={close} onDone={reload} />}
      {asking === 'rename' && <RenameDialog editing={editing} onClose={close} />}
      {asking === 'pause' && <PauseDialog workflow={workflow} onClose={close} onDone={reload} />}
      <Confirm open={asking === 'archive'} onClose={close} title={t.workflows.archiveTitle(workflow.name)} action={t.workflows.archive} danger onConfirm={async () => {
        const { archiveWorkflow } = await mutate(ARCHIVE, { input: { workflowId: workflow.id } });
        toast({ text: t.workflows.archived(workflow.name, archiveWorkflow?.stopped ?? 0) });
        reload();
      }}>
        <p>{t.workflows.archiveHint}</p>
      </Confirm>
    </PageHeader>
  );
}

const About = ({ editing: { workflow: { status, version, publishedAt, hasChanges }, dirty } }: { editing: Editing }) => (
  <span class="workflow-about">
    <Status tone={TONES[status]}>{t.workflows.statusOf[status]}</Status>
    {version !== null && <span>{t.templates.version(number(version))}, <Time at={publishedAt} /></span>}
    {version !== null && (hasChanges || dirty) && status !== 'ARCHIVED' && <span>{t.workflows.hasChanges}</span>}
  </span>
);

async function duplicate({ id }: Workflow): Promise<void> {
  try {
    const { duplicateWorkflow } = await mutate(DUPLICATE, { input: { workflowId: id } });
    if (!duplicateWorkflow) return;
    const { workflow } = duplicateWorkflow;
    toast({ text: t.workflows.duplicated(workflow.name) });
    navigate(link(`workflows/${workflow.id}`));
  } catch (error) {
    toast({ text: errorText(error), tone: 'bad' });
  }
}

function Actions({ editing, onAsk, reload }: { editing: Editing; onAsk: (asking: Asking) => void; reload: () => void }) {
  const { workflow, values, dirty, outdated, save } = editing;
  const refused = noWriting();
  const publish = async () => {
    if (await save(true)) onAsk('publish');
  };
  // The copy has what is seen.
  const copy = async () => {
    if (!dirty || (await save(true))) await duplicate(workflow);
  };
  const resume = async () => {
    try {
      await mutate(RESUME, { input: { workflowId: workflow.id } });
      toast({ text: t.workflows.resumed });
      reload();
    } catch (error) {
      toast({ text: errorText(error), tone: 'bad' });
    }
  };
  const empty = !values.triggers.length ? t.workflows.noTriggerHint : !values.items.length ? t.workflows.noSteps : undefined;
  const unchanged = workflow.version !== null && !workflow.hasChanges && !dirty ? t.workflows.unchanged : undefined;
  const stuck = !dirty && workflow.problems.length ? t.workflows.correctFirst : undefined;
  const disabledReason = refused ?? empty ?? stuck ?? unchanged ?? (outdated ? t.messageEditor.decideFirst : undefined);
  const entries: MenuEntry[] = [
    { id: 'rename', label: t.workflows.rename, icon: 'edit', disabledReason: refused, onSelect: () => onAsk('rename') },
    { id: 'duplicate', label: t.workflows.duplicate, icon: 'copy', disabledReason: refused, onSelect: () => void copy() },
    { id: 'test', label: t.workflowRuns.test, icon: 'user', onSelect: () => setParams({ tab: 'test' }) },
    ...(workflow.status === 'PUBLISHED' ? [{ id: 'pause', label: t.workflows.pause, icon: 'pause' as const, disabledReason: refused, onSelect: () => onAsk('pause') }] : []),
    { id: 'archive', label: t.workflows.archive, icon: 'archive', danger: true, disabledReason: refused, onSelect: () => onAsk('archive') },
  ];
  return (
    <>
      {workflow.status === 'PAUSED' && <Button icon="play" disabledReason={refused} onClick={() => void resume()}>{t.workflows.resume}</Button>}
      <Button icon="check" kind={workflow.status === 'PAUSED' ? 'quiet' : 'primary'} disabledReason={disabledReason} onClick={() => void publish()}>
        {dirty ? t.workflows.saveAndPublish : t.workflows.publish}
      </Button>
      <Menu label={t.workflows.actionsOf(workflow.name)} items={entries} />
    </>
  );
}
