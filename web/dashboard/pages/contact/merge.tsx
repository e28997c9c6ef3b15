// Two contacts that are one person become one. First a dry run says what moves and which address stays.
import { useEffect, useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { ApiError, graphql, mutate } from '../../api';
import { Avatar, Button, Dialog, ErrorNotice, Skeleton, toast } from '../../components';
import { forgetDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate } from '../../router';
import type { Found } from '../affiliates/contact_field';
import { ContactField } from '../affiliates/contact_field';
import type { Contact } from './contact';
import { nameOf } from './contact';

const MERGE = graphql(`
  mutation MergeContacts($input: MergeContactsInput!) {
    mergeContacts(input: $input) {
      contact { id name email phone }
      deletedContactId
      moved { grants completedLessons links messages events affiliateSales }
    }
  }
`);

type Moved = NonNullable<ResultOf<typeof MERGE>['mergeContacts']>['moved'];

type Person = { id: string; name: string | null; email: string | null; phone: string | null };

type Pair = { stays: Person; goes: Person };

const merge = async ({ stays, goes }: Pair, dryRun: boolean): Promise<Moved | undefined> =>
  (await mutate(MERGE, { input: { contactId: stays.id, duplicateId: goes.id, dryRun } })).mergeContacts?.moved;

type Run = { moved?: Moved | undefined; error?: unknown };

/** What merging the pair would move. */
function useDryRun(pair: Pair | null): Run {
  const [run, setRun] = useState<Run & { of: string }>({ of: '' });
  const key = pair ? `${pair.stays.id} ${pair.goes.id}` : '';
  useEffect(() => {
    if (!pair) return;
    let current = true;
    merge(pair, true).then(
      (moved) => current && setRun({ of: key, moved }),
      (error: unknown) => current && setRun({ of: key, error }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return run.of === key ? run : {};
}

const COUNTS = ['grants', 'completedLessons', 'links', 'messages', 'affiliateSales', 'events'] as const;

function MovedList({ moved }: { moved: Moved }) {
  const lines = COUNTS.filter((name) => moved[name] > 0).map((name) => t.contact.moved[name](moved[name]));
  return lines.length
    ? <><p>{t.contact.mergeMoves}</p><ul class="contact-consequences">{lines.map((line) => <li key={line}>{line}</li>)}</ul></>
    : <p>{t.contact.mergeMovesNothing}</p>;
}

const Side = ({ label, person }: { label: string; person: Person }) => (
  <div class="merge-side">
    <p class="hint">{label}</p>
    <div class="merge-person">
      <Avatar name={nameOf(person)} />
      <span class="merge-names"><bdi>{nameOf(person)}</bdi>{person.name && <bdi class="hint">{person.email ?? person.phone}</bdi>}</span>
    </div>
  </div>
);

type PreviewProps = { pair: Pair; run: Run; onSwap: () => void; onOther: () => void };

function Preview({ pair: { stays, goes }, run, onSwap, onOther }: PreviewProps) {
  return (
    <div class="contact-confirm">
      <div class="merge-pair" role="group" aria-label={t.contact.merge}>
        <Side label={t.contact.mergeStays} person={stays} />
        <Side label={t.contact.mergeGoes} person={goes} />
      </div>
      <div class="actions">
        <Button kind="quiet" size="small" icon="refresh" onClick={onSwap}>{t.contact.mergeSwap}</Button>
        <Button kind="plain" size="small" onClick={onOther}>{t.contact.mergeOther}</Button>
      </div>
      <div class="contact-confirm" role="status">
        {run.moved && <MovedList moved={run.moved} />}
        {!run.moved && run.error === undefined && <Skeleton rows={3} />}
      </div>
      <ul class="contact-consequences">
        <li>{stays.email ? t.contact.mergeAddress(stays.email) : t.contact.mergeNoAddress}</li>
        {t.contact.mergeConsequences.map((line) => <li key={line}>{line}</li>)}
      </ul>
    </div>
  );
}

/** The error beside the search: the other contact is gone, or is the same one. */
const refusedOther = (error: unknown): string | undefined =>
  error instanceof ApiError && error.input === 'duplicateId' ? error.message : undefined;

type MergeProps = { contact: Contact; onClose: () => void; onMerged: () => void };

export function Merge({ contact, onClose, onMerged }: MergeProps) {
  const [other, setOther] = useState<Found | null>(null);
  const [swapped, setSwapped] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const chosen: Person | null = other && { ...other, phone: null };
  const pair: Pair | null = chosen && (swapped ? { stays: chosen, goes: contact } : { stays: contact, goes: chosen });
  const run = useDryRun(pair);
  const failure = error ?? run.error;
  const refused = swapped ? undefined : refusedOther(failure);
  const choose = (found: Found | null) => {
    setError(undefined);
    setSwapped(false);
    setOther(found);
  };
  const confirm = async () => {
    if (!pair || !run.moved || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      await merge(pair, false);
      forgetDraft(`contact.${pair.goes.id}`);
      onClose();
      if (pair.stays.id === contact.id) onMerged();
      else navigate(link(`contacts/${pair.stays.id}`), { replace: true });
      toast({ text: t.contact.merged(nameOf(pair.goes), nameOf(pair.stays)) });
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t.contact.mergeTitle(nameOf(contact))} dirty={busy} form={{ onSubmit: confirm }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        {pair && <Button type="submit" kind="danger" busy={busy} disabled={!run.moved}>{t.contact.mergeAction}</Button>}
      </>
    }>
      {pair && !refused
        ? <Preview pair={pair} run={run} onSwap={() => { setError(undefined); setSwapped(!swapped); }} onOther={() => choose(null)} />
        : <ContactField label={t.contact.mergeWith} hint={t.contact.mergeWithHint} without={contact.id} error={refused} onChoose={choose} />}
      {failure !== undefined && !refused && <ErrorNotice error={failure} />}
    </Dialog>
  );
}
