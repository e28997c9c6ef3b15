import { useState } from 'preact/hooks';
import { graphql, mutate } from '../../api';
import { Banner, Button, ButtonLink, Dialog, ErrorNotice } from '../../components';
import { t } from '../../i18n';
import type { Contact } from './contact';
import { nameOf } from './contact';

const VIEW = graphql(`
  mutation ViewPortalAs($input: ViewPortalAsInput!) {
    viewPortalAs(input: $input) { url expiresAt }
  }
`);

/** A tab that is opened while the button is pressed, or browsers block it. The page that it shows later can't reach this one. */
function openTab(): Window | null {
  const tab = window.open('', '_blank');
  if (tab) tab.opener = null;
  return tab;
}

/** Shows the portal as the contact sees it, in a tab of its own. */
export function ViewAs({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  // Only if the browser blocked the tab. It is used once, and kept nowhere else.
  const [url, setUrl] = useState<string>();
  const view = async () => {
    if (busy || url) return;
    const tab = openTab();
    setBusy(true);
    setError(undefined);
    try {
      const { viewPortalAs } = await mutate(VIEW, { input: { contactId: contact.id } });
      if (!viewPortalAs) return;
      if (tab) {
        tab.location.replace(viewPortalAs.url);
        onClose();
      } else {
        setUrl(viewPortalAs.url);
      }
    } catch (failure) {
      tab?.close();
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t.contact.viewAsTitle(nameOf(contact))} size="small" form={{ onSubmit: view }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        {url
          ? <ButtonLink icon="external" href={url} target="_blank" rel="noopener noreferrer" onClick={onClose}>{t.contact.openPortal}</ButtonLink>
          : <Button type="submit" icon="external" busy={busy}>{t.contact.openPortal}</Button>}
      </>
    }>
      <div class="contact-confirm">
        <p>{t.contact.viewAsMeaning}</p>
        <ul class="contact-consequences">{t.contact.viewAsRules.map((line) => <li key={line}>{line}</li>)}</ul>
        {url && <Banner tone="warn">{t.contact.viewAsBlocked}</Banner>}
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}
