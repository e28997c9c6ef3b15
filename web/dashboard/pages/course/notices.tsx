import { Banner, Button, ErrorNotice } from '../../components';
import { t } from '../../i18n';
import type { Editing, Values } from './editing';

/** Above a form: that its changes aren't saved yet, or that they would replace those of someone else. */
export function Notices<V extends Values>({ form, labels }: { form: Editing<V>; labels: Record<keyof V, string> }) {
  if (form.theirs.length) {
    return (
      <Banner tone="bad" action={
        <>
          <Button kind="quiet" size="small" onClick={form.discard}>{t.courses.takeTheirs}</Button>
          <Button kind="quiet" size="small" onClick={() => void form.submit(true)}>{t.courses.keepMine}</Button>
        </>
      }>{t.courses.changedMeanwhile(form.theirs.map((name) => labels[name]).join(', '))}</Banner>
    );
  }
  if (form.dirty) {
    return <Banner tone="info" action={<Button kind="plain" size="small" onClick={form.discard}>{t.courses.discard}</Button>}>{t.courses.unsaved}</Banner>;
  }
  return null;
}

export const FormError = ({ error }: { error: unknown }) => (error === undefined ? null : <ErrorNotice error={error} />);
