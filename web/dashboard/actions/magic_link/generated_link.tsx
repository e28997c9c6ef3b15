import { useEffect, useRef, useState } from 'preact/hooks';
import { boot, useActivity } from '../../api';
import { Banner, Button, Confirm, CopyField, Countdown, Status } from '../../components';
import { Qr, ShareButton } from '../../components/sharing';
import { t } from '../../i18n';
import { ActionError } from '../action_error';
import type { Generated } from './request';
import { revoke } from './request';

type State = 'LIVE' | 'USED' | 'REVOKED' | 'EXPIRED';

type GeneratedLinkProps = {
  generated: Generated;
  /** Makes a fresh link and emails it; missing if the contact gets no email. */
  onEmail: (() => Promise<void>) | undefined;
};

/** The link that was generated. Its URL lives in this dialog only. */
export function GeneratedLink({ generated, onEmail }: GeneratedLinkProps) {
  const { confirmation, url, magicLink } = generated;
  const [state, setState] = useState<State>('LIVE');
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    setState('LIVE');
    heading.current?.focus();
  }, [magicLink.id]);
  useActivity(({ kind, subjectId }) => {
    if (subjectId !== magicLink.id) return;
    if (kind === 'LINK_USED') setState('USED');
    else if (kind === 'LINK_REVOKED') setState('REVOKED');
  });
  return (
    <div class="generated">
      <h3 class="action-result-title" tabIndex={-1} ref={heading}>{t.actions.magic.ready}</h3>
      <p lang="en">{confirmation}</p>
      <p role="status">
        {state === 'LIVE' && <Countdown until={magicLink.expiresAt} onEnd={() => setState('EXPIRED')} />}
        {state === 'USED' && <Status tone="good">{t.actions.magic.wasUsed}</Status>}
        {state === 'REVOKED' && <Status tone="bad">{t.actions.magic.wasRevoked}</Status>}
        {state === 'EXPIRED' && <Status tone="warn">{t.actions.magic.wasExpired}</Status>}
      </p>
      {state === 'LIVE' && (
        <>
          <Banner tone="warn">{t.actions.magic.warning}</Banner>
          <CopyField value={url} label={t.actions.magic.link} />
          <p class="hint">{t.actions.magic.once}</p>
          <LinkActions generated={generated} onEmail={onEmail} onRevoked={() => setState('REVOKED')} />
        </>
      )}
    </div>
  );
}

function LinkActions({ generated: { url, magicLink }, onEmail, onRevoked }: GeneratedLinkProps & { onRevoked: () => void }) {
  const [qr, setQr] = useState(false);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (action: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await action();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div class="generated-actions">
        <Button kind="quiet" size="small" icon="qr" aria-expanded={qr} onClick={() => setQr(!qr)}>{t.actions.magic.showQr}</Button>
        <ShareButton url={url} title={t.actions.magic.shareTitle(boot.accountName)} />
        {onEmail && <Button kind="quiet" size="small" icon="mail" busy={busy} onClick={() => void run(onEmail)}>{t.actions.magic.emailIt}</Button>}
        <Button kind="quiet" size="small" icon="trash" onClick={() => setAsking(true)}>{t.actions.magic.revoke}</Button>
      </div>
      {onEmail && <p class="hint">{t.actions.magic.emailItHint}</p>}
      {qr && <Qr value={url} label={t.actions.magic.link} />}
      <Confirm open={asking} onClose={() => setAsking(false)} title={t.actions.magic.revokeTitle} action={t.actions.magic.revoke} danger
        onConfirm={() => revoke(magicLink.id).then(onRevoked)}>{t.actions.magic.revokeText}</Confirm>
      <ActionError error={error} />
    </>
  );
}
