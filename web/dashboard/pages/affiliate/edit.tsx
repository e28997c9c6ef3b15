import { useState } from 'preact/hooks';
import { mutate } from '../../api';
import { Button, Dialog, ErrorNotice, toast } from '../../components';
import { t } from '../../i18n';
import { SET } from '../affiliates/documents';
import type { Values } from '../affiliates/fields';
import { AffiliateFields, inputOf, useSending } from '../affiliates/fields';
import type { Affiliate } from './documents';

/** Changes the code or the target of the link. */
export function EditAffiliate({ affiliate, onClose }: { affiliate: Affiliate; onClose: () => void }) {
  const before: Values = { code: affiliate.code, targetUrl: affiliate.targetUrl ?? '' };
  const [values, setValues] = useState(before);
  const send = async (wanted: Values) => {
    await mutate(SET, { input: { contactId: affiliate.contact?.id ?? '', ...inputOf(wanted) } });
  };
  const { errors, error, busy, submit, edited } = useSending(async () => {
    await send(values);
    toast({ text: t.affiliates.saved, undo: () => send(before) });
    onClose();
  });
  const set = (change: Partial<Values>) => {
    setValues((old) => ({ ...old, ...change }));
    edited();
  };
  return (
    <Dialog open onClose={onClose} title={t.affiliates.editTitle} dirty={JSON.stringify(values) !== JSON.stringify(before)}
      form={{ onSubmit: () => submit(values.code.trim() ? {} : { code: t.affiliates.codeMissing }) }} footer={
      <>
        <Button kind="quiet" onClick={onClose}>{t.common.cancel}</Button>
        <Button type="submit" busy={busy}>{t.common.save}</Button>
      </>
    }>
      <AffiliateFields values={values} errors={errors} isNew={false} set={set} />
      {error !== undefined && <ErrorNotice error={error} />}
    </Dialog>
  );
}
