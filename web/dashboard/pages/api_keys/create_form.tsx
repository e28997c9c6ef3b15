import type { Signal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { Banner, CheckField, Marked, SelectField, TextField, Time } from '../../components';
import { t } from '../../i18n';
import type { Scope } from './documents';
import { SCOPES } from './documents';
import type { Expiry } from './expiry';
import { EXPIRIES, expiresAt, firstDay, lastDay } from './expiry';

export type Values = { name: string; scopes: Scope[]; expiry: Expiry; date: string };

export type FieldErrors = Partial<Record<'name' | 'scopes' | 'expiresAt', string>>;

const MAX_NAME = 80;

function ScopeChoice({ chosen, error, onChange }: { chosen: readonly Scope[]; error: string | undefined; onChange: (scopes: Scope[]) => void }) {
  const id = useId();
  return (
    <fieldset class="radio-group" aria-describedby={error ? `${id}-error` : undefined}>
      <legend>{t.apiKeys.scopes}</legend>
      {SCOPES.map((scope) => (
        <CheckField key={scope} label={t.words.scope[scope]} hint={t.words.scopeHint[scope]} checked={chosen.includes(scope)}
          onChange={(checked) => onChange(SCOPES.filter((other) => (other === scope ? checked : chosen.includes(other))))} />
      ))}
      {error && <p class="error" id={`${id}-error`} role="alert"><Marked text={error} /></p>}
    </fieldset>
  );
}

export function CreateForm({ values, errors, onEdit }: { values: Signal<Values>; errors: FieldErrors; onEdit: () => void }) {
  const { name, scopes, expiry, date } = values.value;
  const set = (change: Partial<Values>) => {
    values.value = { ...values.value, ...change };
    onEdit();
  };
  const end = expiresAt(expiry, date);
  return (
    <>
      <TextField label={t.apiKeys.name} hint={t.apiKeys.nameHint} autofocus autocomplete="off" maxLength={MAX_NAME} value={name}
        error={errors.name} onInput={(typed) => set({ name: typed })} />
      <ScopeChoice chosen={scopes} error={errors.scopes} onChange={(chosen) => set({ scopes: chosen })} />
      <SelectField label={t.apiKeys.expires} value={expiry} onChange={(chosen) => set({ expiry: chosen })} error={expiry === 'DATE' ? undefined : errors.expiresAt}
        hint={end && expiry !== 'DATE' ? <>{t.apiKeys.expiresAt} <Time at={end} style="date" /></> : undefined}
        options={EXPIRIES.map((value) => ({ value, label: t.apiKeys.expiries[value] }))} />
      {expiry === 'DATE' && (
        <TextField label={t.apiKeys.lastDay} type="date" value={date} error={errors.expiresAt} hint={t.apiKeys.lastDayHint(firstDay(), lastDay())}
          onInput={(typed) => set({ date: typed })} />
      )}
      {expiry === 'NEVER' && <Banner tone="warn">{t.apiKeys.neverWarning}</Banner>}
    </>
  );
}
