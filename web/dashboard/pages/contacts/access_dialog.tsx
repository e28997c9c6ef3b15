import { useState } from 'preact/hooks';
import { Button, Confirm, Dialog, TextField, toast } from '../../components';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Access, Chosen, Outcome } from './many';
import { changeAccess, countOf } from './many';
import { Skipped } from './skipped';

/** What a dry run says would happen. */
export type AccessPlan = { access: Access; chosen: Chosen; plan: Outcome };

export async function planAccess(access: Access, chosen: Chosen): Promise<AccessPlan> {
  return { access, chosen, plan: await changeAccess(access, chosen, { dryRun: true }) };
}

type AccessDialogProps = AccessPlan & { onClose: () => void; onDone: () => void };

function announce({ access, chosen }: AccessPlan, { count, bulkJob }: Outcome, onDone: () => void): void {
  const text = t.contacts[access].done(count);
  if (bulkJob) {
    const open = () => navigate(link(`jobs/${bulkJob.id}`));
    toast({ text: t.contacts[access].started(count), action: { label: t.contacts.openJob, onSelect: open } });
  } else if (access === 'revoke' && 'contacts' in chosen) {
    const restore = async () => {
      const restored = await changeAccess('restore', chosen);
      toast({ text: t.contacts.restore.done(restored.count) });
      onDone();
    };
    toast({ text, action: { label: t.contacts.restore.short, onSelect: restore } });
  } else {
    toast({ text });
  }
}

export function AccessDialog(props: AccessDialogProps) {
  const { access, chosen, plan, onClose, onDone } = props;
  const [reason, setReason] = useState('');
  const words = t.contacts[access];
  const eligible = plan.bulkJob ? countOf(chosen) : plan.count;
  if (eligible === 0) {
    return (
      <Dialog open onClose={onClose} title={words.nobody} size="small" footer={<Button onClick={onClose}>{t.common.close}</Button>}>
        <Skipped skipped={plan.skipped} open />
      </Dialog>
    );
  }
  const confirm = async () => {
    const outcome = await changeAccess(access, chosen, { reason });
    announce(props, outcome, onDone);
    onDone();
  };
  return (
    <Confirm open onClose={onClose} title={words.title(eligible)} action={words.action} danger={access === 'revoke'} onConfirm={confirm}>
      <div class="contacts-confirm">
        <p>{words.consequence}</p>
        <Skipped skipped={plan.skipped} />
        {access === 'revoke' && (
          <TextField label={t.contacts.reason} hint={t.contacts.reasonHint} optional maxLength={500} value={reason} onInput={setReason} />
        )}
      </div>
    </Confirm>
  );
}
