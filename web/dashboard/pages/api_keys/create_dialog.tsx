import { useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { Banner, Button, CopyField, Dialog, ErrorNotice } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import type { FieldErrors, Values } from './create_form';
import { CreateForm } from './create_form';
import type { CreatedKey } from './documents';
import { CREATE } from './documents';
import { expiresAt } from './expiry';

const DRAFT = 'api_keys.create';

const EMPTY: Values = { name: '', scopes: ['READ'], expiry: '90', date: '' };

function problems({ name, scopes, expiry, date }: Values): FieldErrors {
  return {
    ...(!name.trim() && { name: t.apiKeys.nameMissing }),
    ...(!scopes.length && { scopes: t.apiKeys.scopeMissing }),
    ...(expiresAt(expiry, date) === undefined && { expiresAt: t.apiKeys.dateMissing }),
  };
}

function errorsOf(error: unknown): FieldErrors {
  const field = error instanceof ApiError ? error.input : undefined;
  return error instanceof ApiError && (field === 'name' || field === 'scopes' || field === 'expiresAt') ? { [field]: error.message } : {};
}

function useCreate(onCreated: () => void) {
  const values = useDraft(DRAFT, EMPTY);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [missing, setMissing] = useState<FieldErrors>({});
  // Shown once: it is kept nowhere else.
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const create = async () => {
    const found = problems(values.value);
    setMissing(found);
    if (busy || Object.keys(found).length) return;
    setBusy(true);
    setError(undefined);
    const { name, scopes, expiry, date } = values.value;
    try {
      const { createApiKey } = await mutate(CREATE, { input: { name: name.trim(), scopes, expiresAt: expiresAt(expiry, date) ?? null } });
      setCreated(createApiKey);
      forgetDraft(DRAFT);
      onCreated();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const edit = () => {
    setMissing({});
    setError(undefined);
  };
  return { values, busy, error, errors: { ...errorsOf(error), ...missing }, created, create, edit };
}

function Created({ created: { secret, apiKey }, onClose }: { created: CreatedKey; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} dirty title={t.apiKeys.createdTitle(apiKey.name)} footer={<Button onClick={onClose}>{t.apiKeys.stored}</Button>}>
      <Banner tone="warn">{t.apiKeys.secretOnce}</Banner>
      <CopyField label={t.apiKeys.secret} value={secret} />
      <CopyField label={t.apiKeys.header} value={`Authorization: Bearer ${secret}`} secret />
      <p class="hint">{t.apiKeys.headerHint(`${location.origin}/graphql`)}</p>
    </Dialog>
  );
}

export function CreateDialog({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const { values, busy, error, errors, created, create, edit } = useCreate(onCreated);
  if (created) return <Created key="created" created={created} onClose={onClose} />;
  return (
    <Dialog key="form" open onClose={onClose} title={t.apiKeys.create} dirty={Boolean(values.value.name)} form={{ onSubmit: create }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.apiKeys.create}</Button>
      </>
    }>
      <CreateForm values={values} errors={errors} onEdit={edit} />
      {error !== undefined && !Object.keys(errors).length && <ErrorNotice error={error} />}
    </Dialog>
  );
}
