import type { Signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { ApiError, mutate, useQuery, useRefreshOnReturn } from '../../api';
import { Banner, Button, Confirm, ErrorNotice, Marked, Skeleton, Status, TextField, Time, toast } from '../../components';
import { useDraft } from '../../draft';
import { t } from '../../i18n';
import type { SendingDomain } from './domain_documents';
import { DOMAIN, REMOVE_DOMAIN, SET_DOMAIN, VERIFY_DOMAIN } from './domain_documents';
import { Records } from './domain_records';

const TONES = { PENDING: 'busy', VERIFIED: 'good', FAILED: 'bad' } as const;

function SetDomain({ typed, onSet }: { typed: Signal<string>; onSet: () => void }) {
  const domain = typed.value;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const beside = error instanceof ApiError && (error.input === 'domain' || error.code === 'BAD_USER_INPUT') ? error.message : undefined;
  const set = async () => {
    if (!domain.trim()) return setError(new ApiError(t.settings.domainMissing, 'BAD_USER_INPUT', 'input.domain'));
    setBusy(true);
    try {
      await mutate(SET_DOMAIN, { domain: domain.trim() });
      typed.value = '';
      onSet();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      void set();
    }}>
      <TextField label={t.settings.domain} hint={t.settings.domainHint} placeholder="acme.com" autocomplete="off" value={domain} error={beside}
        onInput={(text) => { typed.value = text; setError(undefined); }} />
      {error !== undefined && !beside && <ErrorNotice error={error} />}
      <div class="settings-save"><Button type="submit" size="small" busy={busy}>{t.settings.setDomain}</Button></div>
    </form>
  );
}

function Removal({ domain, open, onClose, onRemoved }: { domain: string; open: boolean; onClose: () => void; onRemoved: () => void }) {
  const remove = async () => {
    await mutate(REMOVE_DOMAIN, { domain });
    onRemoved();
    toast({ text: t.settings.domainRemoved(domain) });
  };
  return (
    <Confirm open={open} onClose={onClose} danger title={t.settings.removeDomainTitle(domain)} action={t.common.remove} onConfirm={remove}>
      <p>{t.settings.removeDomainConsequence}</p>
    </Confirm>
  );
}

function State({ current, onChange }: { current: SendingDomain; onChange: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [removing, setRemoving] = useState(false);
  const { domain, status, checkedAt, problem, records } = current;
  const check = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await mutate(VERIFY_DOMAIN, { domain });
      onChange();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="domain">
      <p class="domain-heading" role="status"><strong>{domain}</strong><Status tone={TONES[status]}>{t.settings.domainStatus[status].label}</Status></p>
      {problem && <p class="error"><Marked text={problem} /></p>}
      <p class="hint">
        {t.settings.domainStatus[status].meaning} {checkedAt ? <>{t.settings.checked} <Time at={checkedAt} />.</> : t.settings.notCheckedYet}
      </p>
      <Records records={records} checked={Boolean(checkedAt)} />
      {error !== undefined && <ErrorNotice error={error} />}
      <div class="settings-save">
        <Button kind="quiet" size="small" onClick={() => setRemoving(true)}>{t.common.remove}</Button>
        <Button kind="quiet" size="small" icon="refresh" busy={busy} onClick={() => void check()}>{t.settings.checkNow}</Button>
      </div>
      <Removal domain={domain} open={removing} onClose={() => setRemoving(false)} onRemoved={onChange} />
    </div>
  );
}

/** The account's own domain to send from. */
export function Domain() {
  const { data, error, loading, reload } = useQuery(DOMAIN, {});
  const typed = useDraft('settings.domain', '');
  useRefreshOnReturn(reload);
  const current = data?.portal.sendingDomain;
  return (
    <section class="settings-part" aria-labelledby="sending-domain-title">
      <h3 id="sending-domain-title">{t.settings.sendingDomain}</h3>
      {loading && <Skeleton rows={2} />}
      {error && <ErrorNotice error={error} retry={reload} />}
      {current && typed.value && (
        <Banner tone="warn" onDismiss={() => (typed.value = '')}>{t.settings.domainSetMeanwhile(current.domain, typed.value)}</Banner>
      )}
      {data && (current ? <State current={current} onChange={reload} /> : <SetDomain typed={typed} onSet={reload} />)}
    </section>
  );
}
