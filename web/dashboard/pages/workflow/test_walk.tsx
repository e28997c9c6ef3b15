// What would happen to one contact now: the saved draft is walked through, and nothing is sent.
import { useState } from 'preact/hooks';
import { mutate } from '../../api';
import { Banner, Button, Card, ErrorNotice, Skeleton } from '../../components';
import { t } from '../../i18n';
import type { Found as Contact } from '../affiliates/contact_field';
import { ContactField } from '../affiliates/contact_field';
import { TEST } from './documents';
import type { Shown } from './flow';
import { Flow } from './index';
import type { Way } from './way';
import { wayOfTest } from './way';

type Walk = { contact: Contact; way?: Way; count?: number; error?: unknown };

export function TestWalk({ shown }: { shown: Shown }) {
  const { workflow, dirty } = shown.editing;
  const [walk, setWalk] = useState<Walk | null>(null);
  const start = async (contact: Contact) => {
    setWalk({ contact });
    try {
      const { testWorkflow } = await mutate(TEST, { input: { workflowId: workflow.id, contactId: contact.id } });
      const steps = testWorkflow?.steps ?? [];
      setWalk({ contact, way: wayOfTest(steps), count: steps.length });
    } catch (error) {
      setWalk({ contact, error });
    }
  };
  return (
    <div class="workflow-part">
      <Card title={t.workflowRuns.test}>
        <p class="hint">{t.workflowRuns.testHint}</p>
        {dirty && <Banner tone="info">{t.workflowRuns.testSaved}</Banner>}
        {walk
          ? (
            <p class="workflow-walker">
              <bdi>{walk.contact.name ?? walk.contact.email ?? t.common.aContact}</bdi>
              <Button kind="quiet" size="small" icon="refresh" onClick={() => void start(walk.contact)}>{t.workflowRuns.testAgain}</Button>
              <Button kind="quiet" size="small" onClick={() => setWalk(null)}>{t.workflowRuns.testOther}</Button>
            </p>
          )
          : <ContactField error={undefined} onChoose={(contact) => void start(contact)} />}
        {walk?.error !== undefined && <ErrorNotice error={walk.error} />}
        <p role="status">{walk?.count === undefined ? '' : t.workflowRuns.testDone(walk.count)}</p>
      </Card>
      {walk && !walk.way && walk.error === undefined && <Skeleton rows={4} />}
      {walk?.way && <Flow shown={{ editing: shown.editing, names: shown.names, problems: new Map(), counts: new Map(), way: walk.way }} />}
    </div>
  );
}
