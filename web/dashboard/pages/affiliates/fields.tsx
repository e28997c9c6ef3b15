// The code and the target of an affiliate's link.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api';
import { TextField } from '../../components';
import { t } from '../../i18n';
import { webAddress } from '../courses/web_address';

export type Values = { code: string; targetUrl: string };

export type Errors = Partial<Record<'code' | 'targetUrl' | 'contactId', string>>;

const MAX_CODE = 40;

/** What is typed, as the API has it. An empty code is left out: a new affiliate then gets one. */
export const inputOf = ({ code, targetUrl }: Values) => ({ ...(code.trim() && { code: code.trim() }), targetUrl: webAddress(targetUrl) || null });

/** Sends a form, and keeps what was refused beside its field. */
export function useSending(send: () => Promise<void>) {
  const [errors, setErrors] = useState<Errors>({});
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (wrong: Errors = {}) => {
    if (busy) return;
    setError(undefined);
    setErrors(wrong);
    if (Object.keys(wrong).length) return;
    setBusy(true);
    try {
      await send();
    } catch (failure) {
      const input = failure instanceof ApiError ? failure.input : undefined;
      if (failure instanceof ApiError && (input === 'code' || input === 'targetUrl' || input === 'contactId')) setErrors({ [input]: failure.message });
      else setError(failure);
      setBusy(false);
    }
  };
  return { errors, error, busy, submit, edited: () => setErrors({}) };
}

type FieldsProps = { values: Values; errors: Errors; isNew: boolean; set: (change: Partial<Values>) => void };

export function AffiliateFields({ values, errors, isNew, set }: FieldsProps) {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);
  return (
    <div class="affiliates-fields" ref={fields}>
      <TextField label={t.affiliates.code} hint={isNew ? t.affiliates.codeHintNew : t.affiliates.codeHint} optional={isNew} autocomplete="off" maxLength={MAX_CODE}
        value={values.code} error={errors.code} onInput={(code) => set({ code })} />
      <TextField label={t.affiliates.target} hint={t.affiliates.targetHint} optional type="url" autocomplete="off" placeholder="https://" value={values.targetUrl}
        error={errors.targetUrl} onInput={(targetUrl) => set({ targetUrl })} />
    </div>
  );
}
