// How it looks, with the values of a contact or with examples.
import { useEffect, useRef, useState } from 'preact/hooks';
import { boot, mutate, useQuery } from '../../api';
import { Button, Card, ErrorNotice, Icon, Popover, SwitchField, Tabs, toast } from '../../components';
import { number, t } from '../../i18n';
import { ContactField } from '../affiliates/contact_field';
import { MailFrame } from '../message/mail_frame';
import type { Preview as Shown, PreviewInput, Problem } from './documents';
import { PREVIEW, TEST } from './documents';
import type { Editing } from './editing';

type Reader = { id: string; name: string | null; email: string | null };

const SETTLED_MS = 400;

/** The preview of what was typed a moment ago; the one before stays until then. */
export function usePreview({ channel, values }: Editing, reader: Reader | null) {
  const { format, subject, body, text } = values;
  const input: PreviewInput = {
    channel, format, body, ...(channel === 'EMAIL' && { subject, ...(text.trim() && { text }) }), ...(reader && { contactId: reader.id }),
  };
  const key = JSON.stringify(input);
  const [settled, setSettled] = useState(input);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(input), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [key]);
  const { data, error, reload } = useQuery(PREVIEW, { input: settled }, { pause: !settled.body.trim() });
  const last = useRef<Shown | undefined>(undefined);
  if (data) last.current = data.previewTemplate;
  const preview = settled.body.trim() ? last.current : undefined;
  return { preview, problems: preview?.problems ?? ([] as readonly Problem[]), error, reload };
}

type PreviewProps = {
  editing: Editing;
  state: ReturnType<typeof usePreview>;
  reader: Reader | null;
  onReader: (reader: Reader | null) => void;
};

const VIEWS = ['email', 'text'] as const;

export function Preview({ editing, state, reader, onReader }: PreviewProps) {
  const { preview, error, reload } = state;
  const [view, setView] = useState<(typeof VIEWS)[number]>('email');
  const [dark, setDark] = useState(false);
  const [narrow, setNarrow] = useState(false);
  const isEmail = editing.channel === 'EMAIL';
  return (
    <Card title={t.templates.preview} action={<ReaderChoice reader={reader} onReader={onReader} />}>
      <div class="template-preview">
        {error && <ErrorNotice error={error} retry={reload} />}
        {isEmail && preview?.subject !== null && <p class="template-subject" dir="auto">{preview?.subject ?? ' '}</p>}
        {isEmail && <Tabs label={t.templates.preview} current={view} onChange={setView} tabs={VIEWS.map((id) => ({ id, label: t.templates.view[id] }))} />}
        {isEmail && view === 'email' && (
          <div class="template-switches">
            <SwitchField label={t.templates.dark} checked={dark} onChange={setDark} />
            <SwitchField label={t.templates.phone} checked={narrow} onChange={setNarrow} />
          </div>
        )}
        <div role={isEmail ? 'tabpanel' : undefined} aria-label={isEmail ? t.templates.view[view] : undefined} class="template-paper" data-narrow={narrow || undefined}>
          {isEmail && view === 'email'
            ? (typeof preview?.html === 'string' ? <MailFrame html={preview.html} dark={dark} /> : <NotShown preview={preview} />)
            : (typeof preview?.text === 'string' ? <pre class={isEmail ? 'message-text' : 'template-sms'} dir="auto">{preview.text}</pre> : <NotShown preview={preview} />)}
        </div>
        {preview?.segments && <Segments {...preview.segments} />}
        {isEmail && <p class="hint">{t.templates.exampleLink}</p>}
        {isEmail && <TestSend editing={editing} reader={reader} />}
      </div>
    </Card>
  );
}

const NotShown = ({ preview }: { preview: Shown | undefined }) => <p class="hint">{preview ? t.templates.notShown : t.templates.nothing}</p>;

const Segments = ({ count, units, encoding }: NonNullable<Shown['segments']>) => (
  <p class="hint" role="status">{t.templates.segments(count)} · {t.templates.units(number(units))} · {t.templates.encoding[encoding]}</p>
);

function ReaderChoice({ reader, onReader }: Pick<PreviewProps, 'reader' | 'onReader'>) {
  const [open, setOpen] = useState(false);
  const choose = (chosen: Reader | null) => {
    onReader(chosen);
    document.querySelector<HTMLElement>('.template-reader')?.closest<HTMLElement>('[popover]')?.hidePopover();
  };
  return (
    <Popover label={t.templates.reader} onToggle={setOpen} trigger={(props) => (
      <button {...props} class="button quiet small template-as"><span>{t.templates.as}</span> <bdi>{reader ? (reader.name ?? reader.email) : t.templates.examples}</bdi><Icon name="chevron-down" /></button>
    )}>
      <div class="template-reader">
        {open && <ContactField error={undefined} onChoose={choose} />}
        <Button kind="quiet" size="small" onClick={() => choose(null)}>{t.templates.useExamples}</Button>
      </div>
    </Popover>
  );
}

function TestSend({ editing: { values, channel }, reader }: { editing: Editing; reader: Reader | null }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = async () => {
    if (busy) return;
    setBusy(true);
    setError(undefined);
    const { format, subject, body, text } = values;
    try {
      await mutate(TEST, { input: { channel, format, subject, body, text: text.trim() ? text : null, contactId: reader?.id ?? null } });
      toast({ text: t.templates.testSent });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="template-test">
      <Button kind="quiet" icon="mail" busy={busy} disabledReason={boot.role === 'READ_ONLY' ? t.common.noRole(t.words.role[boot.role]) : undefined}
        onClick={() => void send()}>{t.templates.test}</Button>
      {error !== undefined && <ErrorNotice error={error} />}
    </div>
  );
}
