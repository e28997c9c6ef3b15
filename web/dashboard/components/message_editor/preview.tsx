// How it looks, a moment after it was written.
import type { AnyVariables } from '@urql/core';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useQuery } from '../../api';
import type { Document } from '../../api/client';
import { Card, ErrorNotice, SwitchField, Tabs } from '../../components';
import { number, t } from '../../i18n';
import { MailFrame } from '../mail_frame';
import type { Channel, Content, Preview, PreviewInput, Problem, Trigger } from './documents';
import { PREVIEW } from './documents';

const SETTLED_MS = 400;

export type PreviewState = { preview: Preview | undefined; problems: readonly Problem[]; error: unknown; reload: () => void };

/** The preview of what was typed a moment ago; the one before stays until then. */
export function useLivePreview<Data, Variables extends AnyVariables>(
  document: Document<Data, Variables>,
  variables: Variables,
  pick: (data: Data) => Preview,
  isEmpty: (variables: Variables) => boolean,
): PreviewState {
  const key = JSON.stringify(variables);
  const [settled, setSettled] = useState(variables);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(variables), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [key]);
  const empty = isEmpty(settled);
  const { data, error, reload } = useQuery(document, settled, { pause: empty });
  const last = useRef<Preview | undefined>(undefined);
  if (data) last.current = pick(data);
  const preview = empty ? undefined : last.current;
  return { preview, problems: preview?.problems ?? [], error, reload };
}

/** A content as the API has it: only an email has a subject and a text part. */
export const contentInput = (channel: Channel, { format, subject, body, text }: Content) => ({
  format, body, ...(channel === 'EMAIL' && { subject, ...(text.trim() && { text }) }),
});

/** The preview of what staff write, with the values of a contact or with examples; `triggers` are those of the workflow that sends it. */
export function usePreview(channel: Channel, content: Content, contactId: string | undefined, triggers?: Trigger[]): PreviewState {
  const input: PreviewInput = { channel, ...contentInput(channel, content), ...(contactId && { contactId }), ...(triggers?.length && { triggers }) };
  return useLivePreview(PREVIEW, { input }, ({ previewTemplate }) => previewTemplate, (settled) => !settled.input.body.trim());
}

type PreviewCardProps = {
  channel: Channel;
  state: PreviewState;
  /** Above the preview: whose values it shows. */
  reader?: ComponentChildren;
  /** Below it: what the preview can't show. */
  hint?: string;
  children?: ComponentChildren;
};

const VIEWS = ['email', 'text'] as const;

export function PreviewCard({ channel, state: { preview, error, reload }, reader, hint, children }: PreviewCardProps) {
  const [view, setView] = useState<(typeof VIEWS)[number]>('email');
  const [dark, setDark] = useState(false);
  const [narrow, setNarrow] = useState(false);
  const isEmail = channel === 'EMAIL';
  return (
    <Card title={t.messageEditor.preview} action={reader}>
      <div class="editor-preview">
        {error !== undefined && <ErrorNotice error={error} retry={reload} />}
        {isEmail && preview?.subject !== null && <p class="editor-subject" dir="auto">{preview?.subject ?? ' '}</p>}
        {isEmail && <Tabs label={t.messageEditor.preview} current={view} onChange={setView} tabs={VIEWS.map((id) => ({ id, label: t.messageEditor.view[id] }))} />}
        {isEmail && view === 'email' && (
          <div class="editor-switches">
            <SwitchField label={t.messageEditor.dark} checked={dark} onChange={setDark} />
            <SwitchField label={t.messageEditor.phone} checked={narrow} onChange={setNarrow} />
          </div>
        )}
        <div role={isEmail ? 'tabpanel' : undefined} aria-label={isEmail ? t.messageEditor.view[view] : undefined} class="editor-paper" data-narrow={narrow || undefined}>
          <Paper preview={preview} isEmail={isEmail} asText={!isEmail || view === 'text'} dark={dark} />
        </div>
        {preview?.segments && <Segments {...preview.segments} />}
        {isEmail && hint && <p class="hint">{hint}</p>}
        {children}
      </div>
    </Card>
  );
}

type PaperProps = { preview: Preview | undefined; isEmail: boolean; asText: boolean; dark: boolean };

function Paper({ preview, isEmail, asText, dark }: PaperProps) {
  const shown = asText ? preview?.text : preview?.html;
  if (typeof shown !== 'string') return <p class="hint">{preview ? t.messageEditor.notShown : t.messageEditor.nothing}</p>;
  return asText ? <pre class={isEmail ? 'message-text' : 'editor-sms'} dir="auto">{shown}</pre> : <MailFrame html={shown} dark={dark} />;
}

const Segments = ({ count, units, encoding }: NonNullable<Preview['segments']>) => (
  <p class="hint" role="status">{t.messageEditor.segments(count)} · {t.messageEditor.units(number(units))} · {t.messageEditor.encoding[encoding]}</p>
);
