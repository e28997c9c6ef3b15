// How it looks, with the values of a contact or with examples.
import { useState } from 'preact/hooks';
import { boot, mutate } from '../../api';
import { Button, ErrorNotice, Icon, Popover, toast } from '../../components';
import type { PreviewState } from '../../components/message_editor/preview';
import { PreviewCard } from '../../components/message_editor/preview';
import { t } from '../../i18n';
import { ContactField } from '../affiliates/contact_field';
import { TEST } from './documents';
import type { Editing } from './editing';

export type Reader = { id: string; name: string | null; email: string | null };

type PreviewProps = {
  editing: Editing;
  state: PreviewState;
  reader: Reader | null;
  onReader: (reader: Reader | null) => void;
};

export const Preview = ({ editing, state, reader, onReader }: PreviewProps) => (
  <PreviewCard channel={editing.channel} state={state} reader={<ReaderChoice reader={reader} onReader={onReader} />} hint={t.messageEditor.exampleLink}>
    {editing.channel === 'EMAIL' && <TestSend editing={editing} reader={reader} />}
  </PreviewCard>
);

function ReaderChoice({ reader, onReader }: Pick<PreviewProps, 'reader' | 'onReader'>) {
  const [open, setOpen] = useState(false);
  const choose = (chosen: Reader | null) => {
    onReader(chosen);
    document.querySelector<HTMLElement>('.template-reader')?.closest<HTMLElement>('[popover]')?.hidePopover();
  };
  return (
    <Popover label={t.messageEditor.reader} onToggle={setOpen} trigger={(props) => (
      <button {...props} class="button quiet small template-as"><span>{t.messageEditor.as}</span> <bdi>{reader ? (reader.name ?? reader.email) : t.messageEditor.examples}</bdi><Icon name="chevron-down" /></button>
    )}>
      <div class="template-reader">
        {open && <ContactField error={undefined} onChoose={choose} />}
        <Button kind="quiet" size="small" onClick={() => choose(null)}>{t.messageEditor.useExamples}</Button>
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
      const { outboxHref } = boot;
      toast({
        text: boot.keepsMail ? t.messageEditor.testKept : t.messageEditor.testSent,
        ...(outboxHref && { action: { label: t.messages.openOutbox, onSelect: () => location.assign(outboxHref) } }),
      });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="template-test">
      <Button kind="quiet" icon="mail" busy={busy} disabledReason={boot.role === 'READ_ONLY' ? t.common.noRole(t.words.role[boot.role]) : undefined}
        onClick={() => void send()}>{t.messageEditor.test}</Button>
      {error !== undefined && <ErrorNotice error={error} />}
    </div>
  );
}
