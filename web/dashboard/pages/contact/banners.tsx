import { useState } from 'preact/hooks';
import { errorText, graphql, mutate } from '../../api';
import { Banner, Button, Confirm, Time, toast } from '../../components';
import { t } from '../../i18n';
import { restoreAccess } from './access';
import type { Contact } from './contact';
import { nameOf, noRole } from './contact';

const RESUME = graphql(`
  mutation ResumeMail($input: ResumeMailInput!) {
    resumeMail(input: $input) { contact { id suppression { reason detail since until } } }
  }
`);

type BannersProps = { contact: Contact; onChanged: () => void };

export function Resume({ open, contact, onClose, onChanged }: BannersProps & { open: boolean; onClose: () => void }) {
  if (!contact.suppression) return null;
  const resume = async () => {
    await mutate(RESUME, { input: { contactId: contact.id } });
    toast({ text: t.contact.resumed(nameOf(contact)) });
    onChanged();
  };
  return (
    <Confirm open={open} onClose={onClose} title={t.contact.resumeTitle} action={t.contact.resume} onConfirm={resume}>
      <p>{t.contact.resumeConsequence[contact.suppression.reason]}</p>
    </Confirm>
  );
}

const Since = ({ since, until, detail }: NonNullable<Contact['suppression']>) => (
  <span class="hint">
    {t.contact.sinceTime} <Time at={since} />
    {until && <>, {t.contact.untilTime} <Time at={until} /></>}
    {detail && <> · <bdi>{detail}</bdi></>}
  </span>
);

function SuppressionBanner({ contact, onChanged }: BannersProps) {
  const [asking, setAsking] = useState(false);
  const suppression = contact.suppression;
  if (!suppression) return null;
  return (
    <>
      <Banner tone="warn" action={
        <Button kind="quiet" size="small" icon="play" disabledReason={noRole('CONTACTS')} onClick={() => setAsking(true)}>{t.contact.resume}</Button>
      }>
        <strong>{t.words.suppression[suppression.reason]}.</strong> {t.contact.suppressed[suppression.reason]}{' '}<Since {...suppression} />
      </Banner>
      <Resume open={asking} contact={contact} onClose={() => setAsking(false)} onChanged={onChanged} />
    </>
  );
}

/** No text message is sent to the number: nothing that staff could lift. */
function SmsBanner({ contact: { smsSuppression: suppression } }: BannersProps) {
  if (!suppression) return null;
  const { title, text } = t.contact.smsSuppressed[suppression.reason === 'STOPPED' ? 'STOPPED' : 'BOUNCED'];
  return <Banner tone="warn"><strong>{title}</strong> {text} <Since {...suppression} /></Banner>;
}

function RevokedBanner({ contact, onChanged }: BannersProps) {
  const [busy, setBusy] = useState(false);
  if (contact.portalStatus !== 'REVOKED') return null;
  const restore = () => {
    setBusy(true);
    restoreAccess(contact)
      .then(onChanged, (error: unknown) => toast({ text: errorText(error), tone: 'bad' }))
      .finally(() => setBusy(false));
  };
  return (
    <Banner tone="warn" action={
      <Button kind="quiet" size="small" icon="undo" busy={busy} disabledReason={noRole('CONTACTS')} onClick={restore}>{t.contact.restore}</Button>
    }>
      <strong>{t.contact.isRevokedShort}</strong> <span class="hint"><Time at={contact.revokedAt} /></span>
    </Banner>
  );
}

export const Banners = (props: BannersProps) => (
  <>
    <RevokedBanner {...props} />
    <SuppressionBanner {...props} />
    <SmsBanner {...props} />
  </>
);
