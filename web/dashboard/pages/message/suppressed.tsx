import { useState } from 'preact/hooks';
import { boot, graphql, may, mutate } from '../../api';
import { Banner, Button, Confirm, Marked, Time, toast } from '../../components';
import { t } from '../../i18n';
import type { Message } from './message';

const RESUME = graphql(`
  mutation ResumeMail($input: ResumeMailInput!) {
    resumeMail(input: $input) {
      contact { id suppression { reason detail since until } }
    }
  }
`);

/** Email to the contact is paused: why, and the way to resume it. */
export function Suppressed({ message: { contact, address }, reload }: { message: Message; reload: () => void }) {
  const [asking, setAsking] = useState(false);
  const suppression = contact?.suppression;
  if (!suppression) return null;
  const now = contact.email ?? address;
  const resume = async () => {
    await mutate(RESUME, { input: { contactId: contact.id } });
    toast({ text: t.messages.resumed(now) });
    reload();
  };
  return (
    <>
      <Banner tone="warn" action={(
        <Button kind="quiet" size="small" icon="play" onClick={() => setAsking(true)}
          {...(!may('CONTACTS') && { disabledReason: t.common.noRole(t.words.role[boot.role]) })}>
          {t.messages.resume}
        </Button>
      )}>
        <p>{t.messages.suppressed(t.words.suppression[suppression.reason])}</p>
        <p class="hint">
          {t.messages.suppressedSince} <Time at={suppression.since} style="date" />
          {suppression.until && <>, {t.messages.suppressedUntil} <Time at={suppression.until} style="date" /></>}
        </p>
        {suppression.detail && <p class="hint" dir="auto"><Marked text={suppression.detail} /></p>}
      </Banner>
      <Confirm open={asking} onClose={() => setAsking(false)} title={t.messages.resumeTitle} action={t.messages.resume} onConfirm={resume}>
        <p>{t.messages.resumeText(now)}</p>
      </Confirm>
    </>
  );
}
