import { Banner, Button, Card, ErrorNotice, RadioGroup, TextField } from '../../components';
import { ContentFields, useErrorFocus, useFields } from '../../components/message_editor/content_fields';
import type { Problem } from '../../components/message_editor/documents';
import { t } from '../../i18n';
import { setParams } from '../../router';
import { CHANNELS, noWriting } from '../templates/documents';
import type { Editing } from './editing';

type EditorProps = { editing: Editing; isNew: boolean; problems: readonly Problem[]; note: string | undefined };

const MAX_NAME = 200;

export function Editor({ editing, isNew, problems, note }: EditorProps) {
  const { channel, values, set, errorOf } = editing;
  const form = useErrorFocus((['name', 'subject', 'body', 'text'] as const).find((field) => errorOf(field)));
  const fields = useFields(channel);
  return (
    <Card title={t.templates.content}>
      <form ref={form} class="editor-form" noValidate onSubmit={(event) => {
        event.preventDefault();
        void editing.save();
      }}>
        {isNew && (
          <RadioGroup label={t.templates.channel} value={channel} onChange={(chosen) => setParams({ channel: chosen === 'EMAIL' ? undefined : chosen })}
            options={CHANNELS.map((value) => ({ value, label: t.words.channel[value] }))} />
        )}
        <TextField label={t.templates.name} hint={t.templates.nameHint} maxLength={MAX_NAME} autocomplete="off" value={values.name} error={errorOf('name')}
          onInput={(name) => set({ name })} />
        <ContentFields channel={channel} content={values} set={set} errorOf={errorOf} problems={problems} fields={fields} />
        {note && <Banner tone="info">{note}</Banner>}
        <Foot editing={editing} isNew={isNew} />
      </form>
    </Card>
  );
}

const Foot = ({ editing, isNew }: { editing: Editing; isNew: boolean }) => (
  <>
    {editing.outdated
      ? <Banner tone="warn" action={<Button kind="quiet" size="small" onClick={editing.keepMine}>{t.messageEditor.keepMine}</Button>}>{t.templates.outdated}</Banner>
      : editing.error !== undefined && <ErrorNotice error={editing.error} />}
    {editing.dirty && !editing.outdated && <Banner tone="info">{t.access.unsaved}</Banner>}
    <div class="actions">
      <Button type="submit" busy={editing.busy} disabled={!editing.dirty} disabledReason={noWriting() ?? (editing.outdated ? t.messageEditor.decideFirst : undefined)}>
        {isNew ? t.templates.create : t.common.save}
      </Button>
      {editing.dirty && <Button kind="quiet" onClick={editing.discard}>{t.access.discard}</Button>}
    </div>
  </>
);
