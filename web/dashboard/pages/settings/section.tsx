import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { boot, may } from '../../api';
import { Banner, Button, ErrorNotice } from '../../components';
import { t } from '../../i18n';
import type { SettingName, SettingsForm } from './settings';

export const noRole = (): string | undefined => (may('ADMIN') ? undefined : t.common.noRole(t.words.role[boot.role]));

type PanelProps = { id: string; title: string; description: string; children: ComponentChildren };

/** A part of the page with an anchor. */
export const Panel = ({ id, title, description, children }: PanelProps) => (
  <section class="card settings-panel" id={id} aria-labelledby={`${id}-title`}>
    <header>
      <h2 id={`${id}-title`} tabIndex={-1}>{title}</h2>
      <p class="hint">{description}</p>
    </header>
    {children}
  </section>
);

type SettingsFieldsProps<Name extends SettingName> = {
  form: SettingsForm<Name>;
  title: string;
  children: ComponentChildren;
  /** Why what was chosen can't be saved. */
  problem?: string;
  /** Instead of saving at once. */
  onSave?: () => void;
};

/** Fields that are saved together. */
export function SettingsFields<Name extends SettingName>({ form, title, children, problem, onSave }: SettingsFieldsProps<Name>) {
  const element = useRef<HTMLFormElement>(null);
  const refused = noRole();
  useEffect(() => {
    if (!form.busy) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form.busy]);
  return (
    <form ref={element} noValidate aria-label={title} onSubmit={(event) => {
      event.preventDefault();
      if (problem || refused) return;
      if (onSave) onSave();
      else void form.save();
    }}>
      <fieldset class="settings-fields" disabled={Boolean(refused)}>{children}</fieldset>
      {form.conflict && <Banner tone="warn">{t.settings.changedMeanwhile}</Banner>}
      {form.failure !== undefined && <ErrorNotice error={form.failure} />}
      <div class="settings-save">
        <p role="status" class="hint">{form.changed ? (problem ?? t.settings.unsaved) : ''}</p>
        {form.changed && !form.busy && <Button kind="quiet" size="small" onClick={form.discard}>{t.settings.discard}</Button>}
        <Button type="submit" size="small" busy={form.busy} disabledReason={refused ?? problem} aria-disabled={!form.changed}>{t.common.save}</Button>
      </div>
    </form>
  );
}
