// Changing a contact. What was typed is kept in the tab until it is saved, and nothing overwrites a change by others unseen.
import type { Signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { useQuery } from '../../api';
import { Banner, Button, Card, Confirm, ErrorNotice, Skeleton, toast } from '../../components';
import { useDraft } from '../../draft';
import { t } from '../../i18n';
import { useTags } from '../contacts/filters';
import { Conflict } from './conflict';
import { nameOf, noRole } from './contact';
import { ContactFields, fieldErrors, without } from './fields';
import type { Errors, FieldName, Values } from './fields';
import type { Snapshot } from './saving';
import { DETAILS, changedFields, changesAddress, isConflict, readDetails, save, snapshotOf, valuesOf } from './saving';

/** What is being typed, and what the contact was when that began. */
type Draft = { base: Snapshot; values: Values } | null;

/** What the form shows; writing to it begins or continues the draft. */
const formValues = (draft: Signal<Draft>, saved: Snapshot) => ({
  get value(): Values {
    return draft.value?.values ?? valuesOf(saved);
  },
  set value(values: Values) {
    draft.value = { base: draft.value?.base ?? saved, values };
  },
});

/** Sends a draft; says what was refused beside its field, or what the contact has become meanwhile. */
function useSaving(saved: Snapshot, draft: Signal<Draft>, onSaved: () => void) {
  const [errors, setErrors] = useState<Errors>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [theirs, setTheirs] = useState<Snapshot | null>(null);
  const refused = async (failure: unknown) => {
    const latest = isConflict(failure) ? await readDetails(saved.id).catch(() => null) : null;
    const found = fieldErrors(failure);
    setTheirs(latest);
    setErrors(found ?? {});
    if (!found && !latest) setError(failure);
  };
  const send = async (from: Snapshot, wanted: Values) => {
    setBusy(true);
    setError(undefined);
    setErrors({});
    try {
      await save(from, wanted);
      draft.value = null;
      toast({ text: t.contact.saved(nameOf(saved)) });
      onSaved();
    } catch (failure) {
      await refused(failure);
    } finally {
      setBusy(false);
    }
  };
  const resolve = (latest: Snapshot, chosen: Values) => {
    setTheirs(null);
    const rest = changedFields(latest, chosen).length > 0;
    draft.value = rest ? { base: latest, values: chosen } : null;
    if (rest) void send(latest, chosen);
  };
  const edited = (name: FieldName) => setErrors((old) => without(old, name));
  return { errors, error, busy, theirs, send, resolve, edited, keepEditing: () => setTheirs(null) };
}

function Form({ saved, onSaved }: { saved: Snapshot; onSaved: () => void }) {
  const draft = useDraft<Draft>(`contact.${saved.id}`, null);
  const values = formValues(draft, saved);
  const { tags } = useTags();
  const { errors, error, busy, theirs, send, resolve, edited, keepEditing } = useSaving(saved, draft, onSaved);
  const [asking, setAsking] = useState(false);
  const base = draft.value?.base ?? saved;
  const dirty = changedFields(base, values.value).length > 0;
  const moves = changesAddress(base, values.value);
  const refused = noRole('CONTACTS');
  const submit = () => {
    if (busy || !dirty) return;
    if (moves) setAsking(true);
    else void send(base, values.value);
  };
  return (
    <>
      <Card>
        {dirty && <Unsaved onDiscard={() => { draft.value = null; }} />}
        <form noValidate onSubmit={(event) => { event.preventDefault(); submit(); }}>
          <ContactFields values={values} errors={errors} onEdit={edited} suggestions={tags.map(({ tag }) => tag)}
            emailHint={moves ? t.contact.addressWarning : undefined} />
          {error !== undefined && <ErrorNotice error={error} />}
          <div class="actions">
            <Button type="submit" busy={busy} disabled={!dirty && !refused} disabledReason={refused}>{t.common.save}</Button>
          </div>
        </form>
      </Card>
      <AddressConfirm open={asking} from={base.email} to={values.value.email} onClose={() => setAsking(false)}
        onConfirm={() => send(base, values.value)} />
      {theirs && <Conflict base={base} mine={values.value} theirs={theirs} onClose={keepEditing} onResolve={resolve} />}
    </>
  );
}

const Unsaved = ({ onDiscard }: { onDiscard: () => void }) => (
  <Banner tone="info" action={<Button kind="plain" size="small" onClick={onDiscard}>{t.contact.discard}</Button>}>{t.contact.unsaved}</Banner>
);

type AddressConfirmProps = { open: boolean; from: string | null; to: string; onClose: () => void; onConfirm: () => Promise<void> };

const AddressConfirm = ({ open, from, to, onClose, onConfirm }: AddressConfirmProps) => (
  <Confirm open={open} onClose={onClose} title={t.contact.addressTitle} action={t.contact.changeAddress} danger onConfirm={onConfirm}>
    <div class="contact-confirm">
      <p><bdi>{from}</bdi> → <bdi><strong>{to.trim() || t.common.none}</strong></bdi></p>
      <ul class="contact-consequences">{t.contact.addressConsequences.map((line) => <li key={line}>{line}</li>)}</ul>
    </div>
  </Confirm>
);

export function Details({ contactId, onSaved }: { contactId: string; onSaved: () => void }) {
  const { data, error, reload } = useQuery(DETAILS, { id: contactId });
  if (error && !data) return <ErrorNotice error={error} retry={reload} />;
  if (!data?.contact) return <Skeleton rows={6} />;
  return <Form key={contactId} saved={snapshotOf(data.contact)} onSaved={() => { reload(); onSaved(); }} />;
}
