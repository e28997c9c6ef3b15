// "Make an affiliate": `?new=1`, or `?new=contact_…` from the page of a contact.
import { useEffect } from 'preact/hooks';
import { mutate, useQuery } from '../../api';
import { Banner, Button, Dialog, ErrorNotice, toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate, params, setParams } from '../../router';
import { Person, nameOfAffiliate } from './columns';
import { ContactField } from './contact_field';
import { CHOSEN, SET } from './documents';
import type { Values } from './fields';
import { AffiliateFields, inputOf, useSending } from './fields';

const DRAFT = 'affiliate.new';
const EMPTY: Values = { code: '', targetUrl: '' };
const NONE = '1';

/** The contact that the address names. */
function useChosen() {
  const asked = params.value.get('new') ?? NONE;
  const { data } = useQuery(CHOSEN, { id: asked }, { pause: asked === NONE });
  const loading = asked !== NONE && !data;
  return { contact: asked === NONE ? undefined : (data?.contact ?? undefined), loading };
}

const Chosen = ({ contact }: { contact: NonNullable<ReturnType<typeof useChosen>['contact']> }) => (
  <div class="affiliates-chosen">
    <Person affiliate={{ contact }} />
    <Button kind="quiet" size="small" onClick={() => setParams({ new: NONE })}>{t.affiliates.change}</Button>
  </div>
);

export function NewAffiliate({ onClose }: { onClose: () => void }) {
  const values = useDraft<Values>(DRAFT, EMPTY);
  const { contact, loading } = useChosen();
  const { errors, error, busy, submit, edited } = useSending(async () => {
    const { setAffiliate } = await mutate(SET, { input: { contactId: contact?.id ?? '', ...inputOf(values.value) } });
    forgetDraft(DRAFT);
    if (setAffiliate) navigate(link(`affiliates/${setAffiliate.affiliate.id}`));
    toast({ text: t.affiliates.made(contact ? nameOfAffiliate({ contact }) : t.common.aContact) });
  });
  const set = (change: Partial<Values>) => {
    values.value = { ...values.value, ...change };
    edited();
  };
  // The field that had the focus is gone once a contact is chosen.
  useEffect(() => {
    if (contact && document.activeElement === document.body) document.querySelector<HTMLElement>('dialog .affiliates-fields .field input')?.focus();
  }, [contact?.id]);
  const already = contact?.affiliate;
  return (
    <Dialog open onClose={onClose} title={t.affiliates.make} dirty={JSON.stringify(values.value) !== JSON.stringify(EMPTY)}
      form={{ onSubmit: () => !loading && submit(contact ? {} : { contactId: t.affiliates.contactMissing }) }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy} disabledReason={already ? t.affiliates.alreadyShort : undefined}>{t.affiliates.make}</Button>
      </>
    }>
      <div class="affiliates-fields">
        {contact && <Chosen contact={contact} />}
        {!contact && !loading && <ContactField error={errors.contactId} onChoose={({ id }) => { edited(); setParams({ new: id }); }} />}
        {contact && already && (
          <Banner tone="info" action={<a href={link(`affiliates/${already.id}`)}>{t.affiliates.show}</a>}>{t.affiliates.already(nameOfAffiliate({ contact }))}</Banner>
        )}
        <AffiliateFields values={values.value} errors={errors} isNew set={set} />
      </div>
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}
