import { useEffect, useRef } from 'preact/hooks';
import { Banner, Button, Card, ErrorNotice, RadioGroup, SelectField, TextField } from '../../components';
import { t } from '../../i18n';
import { setParams } from '../../router';
import { CHANNELS, noWriting } from '../templates/documents';
import { insertField } from './caret';
import type { MergeField, Problem } from './documents';
import type { Editing, Part } from './editing';
import { FieldPicker } from './field_picker';
import { Problems } from './problems';

type EditorProps = { editing: Editing; isNew: boolean; problems: readonly Problem[] };

const MAX_NAME = 200;
const MAX_SUBJECT = 500;

export function Editor({ editing, isNew, problems }: EditorProps) {
  const { channel, values, set, errorOf } = editing;
  const form = useRef<HTMLFormElement>(null);
  const part = useRef<Part>('body');
  const failed = (['name', 'subject', 'body', 'text'] as const).find((field) => errorOf(field));
  useEffect(() => {
    if (failed) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failed]);
  const insert = ({ name, mayBeEmpty }: MergeField) => set({ [part.current]: insertField(part.current, values[part.current], name, mayBeEmpty) });
  return (
    <Card title={t.templates.content}>
      <form ref={form} class="template-form" noValidate onSubmit={(event) => {
        event.preventDefault();
        void editing.save();
      }} onFocusIn={(event) => {
        const within = (event.target as Element).closest<HTMLElement>('[data-part]')?.dataset['part'];
        if (within) part.current = within as Part;
      }}>
        {isNew && (
          <RadioGroup label={t.templates.channel} value={channel} onChange={(chosen) => setParams({ channel: chosen === 'EMAIL' ? undefined : chosen })}
            options={CHANNELS.map((value) => ({ value, label: t.words.channel[value] }))} />
        )}
        <TextField label={t.templates.name} hint={t.templates.nameHint} maxLength={MAX_NAME} autocomplete="off" value={values.name} error={errorOf('name')}
          onInput={(name) => set({ name })} />
        {channel === 'EMAIL' && (
          <>
            <div data-part="subject">
              <TextField label={t.templates.subject} maxLength={MAX_SUBJECT} autocomplete="off" value={values.subject} error={errorOf('subject')}
                onInput={(subject) => set({ subject })} />
            </div>
            <SelectField label={t.templates.format} value={values.format} error={errorOf('format')} onChange={(format) => set({ format })} options={[
              { value: 'MARKDOWN', label: t.templates.formatOf.MARKDOWN }, { value: 'HTML', label: t.templates.formatOf.HTML },
            ]} />
          </>
        )}
        <div class="template-body" data-part="body">
          <div class="template-insert"><FieldPicker channel={channel} onPick={insert} /></div>
          <TextField label={channel === 'EMAIL' ? t.templates.body : t.templates.smsBody} hint={t.templates.bodyHint[values.format]} multiline={channel === 'EMAIL' ? 16 : 6}
            value={values.body} error={errorOf('body')} onInput={(body) => set({ body })} />
        </div>
        <Problems problems={problems} values={values} />
        {channel === 'EMAIL' && (
          <details data-part="text" open={values.text !== ''}>
            <summary>{t.templates.ownText}</summary>
            <TextField label={t.templates.text} hint={t.templates.textHint} optional multiline={6} value={values.text} error={errorOf('text')} onInput={(text) => set({ text })} />
          </details>
        )}
        <Foot editing={editing} isNew={isNew} />
      </form>
    </Card>
  );
}

const Foot = ({ editing, isNew }: { editing: Editing; isNew: boolean }) => (
  <>
    {editing.outdated
      ? <Banner tone="warn" action={<Button kind="quiet" size="small" onClick={editing.keepMine}>{t.templates.keepMine}</Button>}>{t.templates.outdated}</Banner>
      : editing.error !== undefined && <ErrorNotice error={editing.error} />}
    {editing.dirty && !editing.outdated && <Banner tone="info">{t.access.unsaved}</Banner>}
    <div class="actions">
      <Button type="submit" busy={editing.busy} disabled={!editing.dirty} disabledReason={noWriting() ?? (editing.outdated ? t.templates.decideFirst : undefined)}>
        {isNew ? t.templates.create : t.common.save}
      </Button>
      {editing.dirty && <Button kind="quiet" onClick={editing.discard}>{t.access.discard}</Button>}
    </div>
  </>
);
