import { useState } from 'preact/hooks';
import { useQuery } from '../../api';
import { Banner, Button, Card, Confirm, ErrorNotice, Icon, Status, Time } from '../../components';
import { ContentFields, useErrorFocus } from '../../components/message_editor/content_fields';
import type { Problem } from '../../components/message_editor/documents';
import { t } from '../../i18n';
import { useWho } from '../jobs/who';
import { languageName } from '../system_emails/documents';
import type { SystemEmail } from './documents';
import { FIELDS } from './documents';
import type { Editing } from './editing';

type EditorProps = { email: SystemEmail; editing: Editing; problems: readonly Problem[] };

/** What follows the own text in every email of the kind. */
const Fixed = ({ kind }: { kind: SystemEmail['kind'] }) => (
  <div class="system-email-fixed">
    <Icon name="lock" />
    <div>
      <p><strong>{t.systemEmails.fixed}</strong></p>
      <ul>{t.systemEmails.fixedParts[kind].map((part) => <li key={part}>{part}</li>)}</ul>
      <p class="hint">{t.systemEmails.fixedHint}</p>
    </div>
  </div>
);

export function Editor({ email, editing, problems }: EditorProps) {
  const { data, error, reload } = useQuery(FIELDS, { kind: email.kind });
  const { values, set, errorOf } = editing;
  const form = useErrorFocus((['subject', 'body'] as const).find((field) => errorOf(field)));
  return (
    <Card title={languageName(email.language)} action={<State email={email} />}>
      <form ref={form} class="editor-form" noValidate onSubmit={(event) => {
        event.preventDefault();
        void editing.save();
      }}>
        {email.problems.some(({ severity }) => severity === 'ERROR') && <Banner tone="bad">{t.systemEmails.unusable}</Banner>}
        <ContentFields channel="EMAIL" content={{ format: 'MARKDOWN', text: '', ...values }} errorOf={errorOf} problems={problems}
          set={({ subject = values.subject, body = values.body }) => set({ subject, body })}
          fields={{ fields: data?.mergeFields ?? [], error, reload }} fixed={{ below: <Fixed kind={email.kind} /> }} />
        <Foot email={email} editing={editing} />
      </form>
    </Card>
  );
}

function State({ email: { custom, updatedAt, updatedBy } }: { email: SystemEmail }) {
  const who = useWho();
  if (!custom) return <Status tone="none">{t.systemEmails.builtIn}</Status>;
  return (
    <span class="system-email-state">
      <Status tone="good">{t.systemEmails.own}</Status>
      <span class="hint"><Time at={updatedAt} />{updatedBy && ` · ${who(updatedBy)}`}</span>
    </span>
  );
}

function Foot({ email, editing }: { email: SystemEmail; editing: Editing }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      {editing.outdated
        ? <Banner tone="warn" action={<Button kind="quiet" size="small" onClick={editing.keepMine}>{t.messageEditor.keepMine}</Button>}>{t.systemEmails.outdated}</Banner>
        : editing.error !== undefined && <ErrorNotice error={editing.error} />}
      {editing.dirty && !editing.outdated && <Banner tone="info">{t.access.unsaved}</Banner>}
      <div class="actions">
        <Button type="submit" busy={editing.busy} disabled={!editing.dirty} disabledReason={editing.outdated ? t.messageEditor.decideFirst : undefined}>{t.common.save}</Button>
        {editing.dirty && <Button kind="quiet" onClick={editing.discard}>{t.access.discard}</Button>}
        {email.custom && <Button kind="quiet" icon="undo" onClick={() => setAsking(true)}>{t.systemEmails.reset}</Button>}
      </div>
      <Confirm open={asking} onClose={() => setAsking(false)} title={t.systemEmails.resetTitle} action={t.systemEmails.reset} danger onConfirm={editing.reset}>
        <p>{t.systemEmails.resetHint(languageName(email.language))}</p>
      </Confirm>
    </>
  );
}
