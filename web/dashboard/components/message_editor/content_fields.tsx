// The parts of an email or a text message, with the merge fields that can be put into them and what is wrong in them.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useQuery } from '../../api';
import { SelectField, TextField } from '../../components';
import { t } from '../../i18n';
import { insertField } from './caret';
import type { Channel, Content, MergeField, Part, Problem, Trigger } from './documents';
import { FIELDS } from './documents';
import type { Fields } from './field_picker';
import { FieldPicker } from './field_picker';
import { Problems } from './problems';

type ContentFieldsProps = {
  channel: Channel;
  content: Content;
  set: (changes: Partial<Content>) => void;
  errorOf: (field: keyof Content) => string | undefined;
  problems: readonly Problem[];
  fields: Fields;
  /** Only the subject and the body are written, in Markdown. `below` follows the body. */
  fixed?: { below: ComponentChildren };
};

const MAX_SUBJECT = 500;

/** The merge fields of what staff write; `triggers` are those of the workflow that sends it. */
export function useFields(channel: Channel, triggers: Trigger[] | null = null): Fields {
  const { data, error, reload } = useQuery(FIELDS, { channel, triggers });
  return { fields: data?.mergeFields ?? [], error, reload };
}

/** For the form: the field that an error is about gets the focus. */
export function useErrorFocus(failed: string | undefined) {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (failed) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failed]);
  return form;
}

export function ContentFields({ channel, content, set, errorOf, problems, fields, fixed }: ContentFieldsProps) {
  const part = useRef<Part>('body');
  const insert = ({ name, mayBeEmpty }: MergeField) => set({ [part.current]: insertField(part.current, content[part.current], name, mayBeEmpty) });
  const isEmail = channel === 'EMAIL';
  return (
    <div class="editor-parts" onFocusIn={(event) => {
      const within = (event.target as Element).closest<HTMLElement>('[data-part]')?.dataset['part'];
      if (within) part.current = within as Part;
    }}>
      {isEmail && (
        <div data-part="subject">
          <TextField label={t.messageEditor.subject} maxLength={MAX_SUBJECT} autocomplete="off" value={content.subject} error={errorOf('subject')}
            onInput={(subject) => set({ subject })} />
        </div>
      )}
      {isEmail && !fixed && (
        <SelectField label={t.messageEditor.format} value={content.format} error={errorOf('format')} onChange={(format) => set({ format })} options={[
          { value: 'MARKDOWN', label: t.messageEditor.formatOf.MARKDOWN }, { value: 'HTML', label: t.messageEditor.formatOf.HTML },
        ]} />
      )}
      <div class="editor-body" data-part="body">
        <div class="editor-insert"><FieldPicker {...fields} onPick={insert} /></div>
        <TextField label={isEmail ? t.messageEditor.body : t.messageEditor.smsBody} hint={t.messageEditor.bodyHint[content.format]} multiline={isEmail ? (fixed ? 10 : 16) : 6}
          value={content.body} error={errorOf('body')} onInput={(body) => set({ body })} />
      </div>
      {fixed?.below}
      <Problems problems={problems} content={content} />
      {isEmail && !fixed && (
        <details data-part="text" open={content.text !== ''}>
          <summary>{t.messageEditor.ownText}</summary>
          <TextField label={t.messageEditor.text} hint={t.messageEditor.textHint} optional multiline={6} value={content.text} error={errorOf('text')} onInput={(text) => set({ text })} />
        </details>
      )}
    </div>
  );
}
