import { ApiError } from '../api';
import { Banner, ErrorNotice, Marked } from '../components';
import { t } from '../i18n';

/** What to do after a refusal that concerns no field. Nothing is lost: the input stays in the dialog. */
export function ActionError({ error }: { error: unknown }) {
  if (error === undefined) return null;
  if (error instanceof ApiError && error.code === 'FORBIDDEN') return <Banner tone="bad">{t.actions.forbidden}</Banner>;
  if (error instanceof ApiError && error.code === 'RATE_LIMITED') return <Banner tone="bad"><Marked text={error.message} /> {t.actions.keptInput}</Banner>;
  return <ErrorNotice error={error} />;
}

/** The message of an error about one of `fields`; it belongs beside the field. */
export const fieldError = (error: unknown, ...fields: string[]): string | undefined =>
  error instanceof ApiError && error.code !== 'FORBIDDEN' && error.input !== undefined && fields.includes(error.input)
    ? error.message
    : undefined;
