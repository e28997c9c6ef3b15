import { ErrorNotice, Icon, Marked, Popover } from '../../components';
import { t } from '../../i18n';
import type { MergeField } from './documents';
import { triggerWords } from './trigger_words';

/** The merge fields that there are for a content, as they were read. */
export type Fields = { fields: readonly MergeField[]; error: unknown; reload: () => void };

const grouped = (fields: readonly MergeField[]): { group: MergeField['group']; fields: MergeField[] }[] =>
  [...new Set(fields.map(({ group }) => group))].map((group) => ({ group, fields: fields.filter((field) => field.group === group) }));

/** A field that is newer than these words has the API's own. */
const labelOf = ({ name, label }: MergeField): string => (t.messageEditor.field as Partial<Record<string, string>>)[name] ?? label;

/** The merge fields; one that can't be used says why. */
export function FieldPicker({ fields, error, reload, onPick }: Fields & { onPick: (field: MergeField) => void }) {
  const pick = (button: HTMLElement, field: MergeField) => {
    if (!field.available) return;
    button.closest<HTMLElement>('[popover]')?.hidePopover();
    onPick(field);
  };
  return (
    <Popover label={t.messageEditor.insert} trigger={(props) => (
      // The selection of the field that is being written stays.
      <button {...props} class="button quiet small" onPointerDown={(event) => event.preventDefault()}><Icon name="plus" />{t.messageEditor.insert}</button>
    )}>
      <div class="editor-fields">
        {error !== undefined && <ErrorNotice error={error} retry={reload} />}
        {grouped(fields).map(({ group, fields: members }) => (
          <section key={group} aria-label={t.messageEditor.group[group]}>
            <h3>{t.messageEditor.group[group]}</h3>
            {members.map((field) => (
              <button key={field.name} type="button" class="editor-field" aria-disabled={!field.available || undefined}
                onClick={(event) => pick(event.currentTarget, field)}>
                <span>{labelOf(field)}</span>
                <span class="hint">{field.available ? field.example : <Marked text={triggerWords(field.reason ?? '')} />}</span>
              </button>
            ))}
          </section>
        ))}
      </div>
    </Popover>
  );
}
