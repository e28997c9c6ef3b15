// Writing to contacts: whom, what, when, and a last look at what will happen.
import { useMemo, useState } from 'preact/hooks';
import { useDryRun } from '../../actions/dry_run';
import { ApiError, boot, may, useQuery } from '../../api';
import { Button, PageHeader, toast } from '../../components';
import { useZone } from '../../components/content/zone';
import { useErrorFocus } from '../../components/message_editor/content_fields';
import { EMPTY } from '../../components/message_editor/documents';
import { PreviewCard, usePreview } from '../../components/message_editor/preview';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import { remember } from '../job/sent';
import { TEMPLATE } from '../template/documents';
import { Delivery } from './delivery';
import type { Sent } from './documents';
import { check } from './documents';
import { Facts, messageOf } from './facts';
import { Message, contentOf } from './message';
import { Recipients } from './recipients';
import type { Errors, FieldName } from './request';
import { FIELDS, audienceInput, errorsOf, selectionOf, sendInput } from './request';
import { Review } from './review';
import { Stepper, useSample, useStepping } from './sample';
import type { Composing, Values } from './state';
import { useComposing } from './state';

const back = () => ({ href: link('messages'), label: t.shell.messages });

function finish({ count, bulkJob, messages }: Sent, { channel, later }: Values): void {
  const kept = channel === 'EMAIL' && boot.keepsMail;
  toast({ text: later ? t.compose.scheduled : kept ? t.compose.kept(count) : t.compose.sent[channel](count) });
  const [only] = messages;
  navigate(bulkJob ? link(`jobs/${bulkJob.id}`) : messages.length === 1 && only ? link(`messages/${only.id}`) : link('messages', { kind: 'WRITTEN' }));
}

/** The errors beside the fields: what is missing, then what the API refused. */
function useErrors() {
  const [state, setState] = useState<{ errors: Errors; attempt: number }>({ errors: {}, attempt: 0 });
  const show = (errors: Errors) => setState(({ attempt }) => ({ errors, attempt: attempt + 1 }));
  const refused = (error: unknown): boolean => {
    const field = error instanceof ApiError && error.code !== 'FORBIDDEN' ? FIELDS.find((name) => name === error.input) : undefined;
    if (field && error instanceof Error) show({ [field]: error.message });
    return field !== undefined;
  };
  const first = FIELDS.find((name: FieldName) => state.errors[name]);
  return { errors: state.errors, failed: first && `${state.attempt}.${first}`, show, refused, clear: () => setState(({ attempt }) => ({ errors: {}, attempt })) };
}

/** Who would get it, whatever it says. */
function useReach({ values, recipients }: Composing) {
  const selection = selectionOf(values, recipients.value);
  const input = selection && audienceInput(values, selection);
  const asked = useMemo(() => input && { input }, [JSON.stringify(input)]);
  return { selection, dryRun: useDryRun(asked, (now) => check(now.input)) };
}

/** What it says, and how that looks to the recipient who was stepped to. */
function useShown(composing: Composing) {
  const { channel, source, templateId, content } = composing.values;
  const read = useQuery(TEMPLATE, { id: templateId }, { pause: source !== 'TEMPLATE' || !templateId });
  const found = source === 'TEMPLATE' ? read.data?.template : undefined;
  const template = found?.status === 'ACTIVE' && found.channel === channel ? found : undefined;
  const stepping = useStepping(useSample(composing));
  const shown = source === 'WRITTEN' ? content[channel] : template ? contentOf(template) : EMPTY[channel];
  return { read, template, stepping, preview: usePreview(channel, shown, stepping.current?.id) };
}

export default function Compose() {
  const composing = useComposing();
  const { values, dirty, startOver } = composing;
  const zone = useZone();
  const { selection, dryRun } = useReach(composing);
  const { read, template, stepping, preview } = useShown(composing);
  const { errors, failed, show, refused, clear } = useErrors();
  const [reviewing, setReviewing] = useState(false);
  const form = useErrorFocus(failed);
  const review = () => {
    const missing = errorsOf(values, selection, zone ?? 'UTC');
    show(missing);
    if (!Object.keys(missing).length && zone) setReviewing(true);
  };
  const close = () => setReviewing(false);
  const refusedBeside = (error: unknown) => {
    const beside = refused(error);
    if (beside) close();
    return beside;
  };
  return (
    <div class="compose">
      <PageHeader title={t.shell.compose} back={back()} description={t.compose.description}>
        {dirty && <Button kind="quiet" icon="undo" onClick={() => { clear(); startOver(); }}>{t.actions.startOver}</Button>}
      </PageHeader>
      <div class="editor-page">
        <form ref={form} class="compose-form" noValidate onSubmit={(event) => { event.preventDefault(); review(); }}>
          <Recipients composing={composing} dryRun={dryRun} error={errors.selection} />
          <Message composing={composing} read={read} template={template} problems={preview.problems} errors={errors} />
          <Delivery composing={composing} zone={zone} errors={errors} />
          <div class="actions">
            <Button type="submit" disabledReason={may('INVITE') ? undefined : t.common.noRole(t.words.role[boot.role])}>{t.compose.review}</Button>
          </div>
        </form>
        <PreviewCard channel={values.channel} state={preview} reader={<Stepper {...stepping} />} hint={t.messageEditor.exampleLink} />
      </div>
      {reviewing && selection && zone && (
        <Review input={sendInput(values, selection, zone)} values={values} zone={zone} onClose={close}
          facts={<Facts values={values} recipients={composing.recipients.value} template={template} />}
          onRefused={refusedBeside}
          onSent={(sent) => {
            if (sent.bulkJob) remember(sent.bulkJob.id, messageOf(values, template));
            finish(sent, values);
            startOver();
          }} />
      )}
    </div>
  );
}
