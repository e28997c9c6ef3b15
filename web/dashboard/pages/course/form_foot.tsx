import { useEffect, useRef } from 'preact/hooks';
import { Banner, Button, ErrorNotice } from '../../components';
import { t } from '../../i18n';
import type { Editing, Values } from './editing';
import { noRole } from './header';

type FormFootProps<V extends Values> = { form: Editing<V>; labels: Record<keyof V, string> };

/** Someone else changed the same fields since: nothing is replaced unseen. */
const Conflict = <V extends Values>({ form, labels }: FormFootProps<V>) => (
  <Banner tone="bad" action={
    <>
      <Button kind="quiet" size="small" onClick={form.discard}>{t.courses.takeTheirs}</Button>
      <Button kind="quiet" size="small" onClick={() => void form.submit(true)}>{t.courses.keepMine}</Button>
    </>
  }>{t.courses.changedMeanwhile(form.theirs.map((name) => labels[name]).join(', '))}</Banner>
);

/** The end of a form: what went wrong, and the buttons. It has its place before anything is typed, so that nothing moves then. */
export function FormFoot<V extends Values>({ form, labels }: FormFootProps<V>) {
  const problem = useRef<HTMLDivElement>(null);
  const refused = noRole();
  const conflict = form.theirs.length > 0;
  // The buttons can be in sight without it.
  useEffect(() => problem.current?.scrollIntoView({ block: 'center' }), [conflict, form.error]);
  return (
    <div class="form-foot">
      {(conflict || form.error !== undefined) && (
        <div ref={problem}>{conflict ? <Conflict form={form} labels={labels} /> : <ErrorNotice error={form.error} />}</div>
      )}
      <div class="actions">
        <Button type="submit" busy={form.busy} aria-disabled={!form.dirty} disabledReason={refused}>{t.common.save}</Button>
        {form.dirty && <Button kind="quiet" onClick={form.discard}>{t.courses.discard}</Button>}
        <span class="hint" role="status">{form.dirty ? t.courses.unsaved : ''}</span>
      </div>
    </div>
  );
}
