import { useState } from 'preact/hooks';
import { mutate, useQuery } from '../../api';
import { Button, Card, Confirm, ErrorNotice, Icon, Skeleton, Status, Time, toast } from '../../components';
import { number, t } from '../../i18n';
import { useWho } from '../jobs/who';
import { noWriting } from '../templates/documents';
import type { Template, Version } from './documents';
import { RESTORE, VERSIONS } from './documents';

/** What the template said before, newest first. */
export function Versions({ template, dirty }: { template: Template; dirty: boolean }) {
  const { data, error, reload } = useQuery(VERSIONS, { id: template.id });
  const [restoring, setRestoring] = useState<Version | null>(null);
  const who = useWho();
  const versions = data?.template?.versions?.nodes;
  const restore = async ({ version }: Version) => {
    await mutate(RESTORE, { input: { templateId: template.id, version } });
    toast({ text: t.templates.restored(number(version)) });
    reload();
  };
  return (
    <Card title={t.templates.versions}>
      {error && <ErrorNotice error={error} retry={reload} />}
      {!versions && !error && <Skeleton rows={4} />}
      <ul class="template-versions">
        {versions?.map((version) => (
          <li key={version.version}>
            <details>
              <summary>
                <Icon name="chevron-right" />
                <strong>{t.templates.version(number(version.version))}</strong>
                {version.version === template.version && <Status tone="good">{t.templates.current}</Status>}
                <span class="hint"><Time at={version.createdAt} />{version.createdBy !== null && ` · ${who(version.createdBy)}`}</span>
              </summary>
              {version.subject !== null && <p class="editor-subject" dir="auto">{version.subject}</p>}
              <pre class="message-text" dir="auto">{version.body}</pre>
              {version.text !== null && <><p class="hint">{t.messageEditor.text}</p><pre class="message-text" dir="auto">{version.text}</pre></>}
              {version.version !== template.version && (
                <Button kind="quiet" size="small" icon="undo" disabledReason={noWriting() ?? (dirty ? t.templates.saveFirst : undefined)}
                  onClick={() => setRestoring(version)}>{t.templates.restore}</Button>
              )}
            </details>
          </li>
        ))}
      </ul>
      {restoring && (
        <Confirm open onClose={() => setRestoring(null)} title={t.templates.restoreTitle(number(restoring.version))} action={t.templates.restore}
          onConfirm={() => restore(restoring)}><p>{t.templates.restoreHint}</p></Confirm>
      )}
    </Card>
  );
}
