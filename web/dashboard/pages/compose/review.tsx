// The last step: says in one sentence what will happen, and does it.
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useDryRun } from '../../actions/dry_run';
import { ActionError } from '../../actions/action_error';
import { Button, Dialog } from '../../components';
import { t } from '../../i18n';
import type { SendInput, Sent } from './documents';
import { check, send } from './documents';
import { Reach } from './skipped';
import type { Values } from './state';
import { sentence } from './words';

type ReviewProps = {
  input: SendInput;
  values: Values;
  zone: string;
  /** What is sent, and to whom. */
  facts: VNode;
  onClose: () => void;
  /** True if the error belongs beside a field: then the dialog closes. */
  onRefused: (error: unknown) => boolean;
  onSent: (sent: Sent) => void;
};

export function Review({ input, values, zone, facts, onClose, onRefused, onSent }: ReviewProps) {
  const asked = useMemo(() => ({ input }), [JSON.stringify(input)]);
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const dryRun = useDryRun(asked, (now) => check(now.input));
  const { outcome } = dryRun;
  useEffect(() => {
    if (dryRun.error !== undefined) onRefused(dryRun.error);
  }, [dryRun.error]);
  const confirm = async () => {
    if (state.busy || !outcome?.count) return;
    setState({ busy: true });
    try {
      onSent(await send(input));
    } catch (error) {
      if (!onRefused(error)) setState({ busy: false, error });
    }
  };
  const { later, audience } = values;
  return (
    <Dialog open onClose={onClose} title={t.compose.reviewTitle} size="small" dirty={state.busy} form={{ onSubmit: confirm }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.compose.back}</Button>
        <Button type="submit" icon={later ? 'clock' : 'send'} busy={state.busy} disabled={!outcome?.count}>{later ? t.compose.schedule : t.compose.send}</Button>
      </>
    }>
      <div class="compose-review">
        {outcome && outcome.count > 0 && <p class="compose-sentence">{sentence(values, outcome.count, zone)}</p>}
        {facts}
        {outcome?.count === 0 && <p>{t.compose.noneHint[values.channel]}</p>}
        {later && audience !== 'CONTACTS' && <p class="hint">{t.compose.chosenThen}</p>}
        <Reach dryRun={dryRun} will={t.compose.will[values.channel]} />
        <ActionError error={state.error ?? dryRun.error} />
      </div>
    </Dialog>
  );
}
