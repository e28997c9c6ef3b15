import { useState } from 'preact/hooks';
import { mutate } from '../../api';
import { Confirm, RadioGroup, toast } from '../../components';
import { t } from '../../i18n';
import type { Workflow } from './documents';
import { PAUSE } from './documents';

type PauseDialogProps = { workflow: Workflow; onClose: () => void; onDone: () => void };

export function PauseDialog({ workflow, onClose, onDone }: PauseDialogProps) {
  const [events, setEvents] = useState<'KEEP' | 'DROP'>('KEEP');
  const pause = async () => {
    await mutate(PAUSE, { input: { workflowId: workflow.id, keepEvents: events === 'KEEP' } });
    toast({ text: t.workflows.paused });
    onDone();
  };
  return (
    <Confirm open onClose={onClose} title={t.workflows.pauseTitle(workflow.name)} action={t.workflows.pause} onConfirm={pause}>
      <div class="flow-fields">
        <p>{t.workflows.pauseHint}</p>
        <RadioGroup label={t.workflows.meanwhile} value={events} onChange={setEvents} options={[
          { value: 'KEEP', label: t.workflows.keepEvents, hint: t.workflows.keepEventsHint }, { value: 'DROP', label: t.workflows.dropEvents },
        ]} />
      </div>
    </Confirm>
  );
}
