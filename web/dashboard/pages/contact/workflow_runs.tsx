// The ways of a contact through workflows, for those who may see them.
import { graphql, may, useQuery } from '../../api';
import { Card, Status, Time } from '../../components';
import type { Tone } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { useContactActivity } from './live';

const RUNS = graphql(`
  query ContactWorkflowRuns($id: ID!) {
    contact(id: $id) {
      id
      workflowRuns(first: 10) { nodes { id status startedAt endReason workflow { id name } } }
    }
  }
`);

const TONES: Record<'RUNNING' | 'COMPLETED' | 'STOPPED' | 'FAILED', Tone> = { RUNNING: 'busy', COMPLETED: 'good', STOPPED: 'none', FAILED: 'bad' };

export function WorkflowRuns({ contactId }: { contactId: string }) {
  const { data, reload } = useQuery(RUNS, { id: contactId }, { pause: !may('ADMIN') });
  useContactActivity(contactId, reload);
  const runs = data?.contact?.workflowRuns?.nodes ?? [];
  if (!runs.length) return null;
  return (
    <Card title={t.workflowRuns.ofContact}>
      <ul class="contact-runs">
        {runs.map(({ id, status, startedAt, endReason, workflow }) => (
          <li key={id}>
            {workflow && <a href={link(`workflows/${workflow.id}`, { tab: 'runs', run: id })}><bdi>{workflow.name}</bdi></a>}
            <span class="hint"><Status tone={TONES[status]}>{t.workflowRuns.runStatus[status]}</Status> <Time at={startedAt} />{endReason && ` · ${t.workflowRuns.endReason[endReason]}`}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
