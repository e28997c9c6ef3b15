import { useQuery } from '../../api';
import { ErrorNotice, Icon, Popover } from '../../components';
import { t } from '../../i18n';
import type { Channel } from '../templates/documents';
import type { MergeField } from './documents';
import { FIELDS } from './documents';

const grouped = (fields: readonly MergeField[]): { group: MergeField['group']; fields: MergeField[] }[] =>
  [...new Set(fields.map(({ group }) => group))].map((group) => ({ group, fields: fields.filter((field) => field.group === group) }));

/** A field that is newer than these words has the API's own. */
const labelOf = ({ name, label }: MergeField): string => (t.templates.field as Partial<Record<string, string>>)[name] ?? label;

/** The merge fields of a channel; one that can't be used says why. */
export function FieldPicker({ channel, onPick }: { channel: Channel; onPick: (field: MergeField) => void }) {
  const { data, error, reload } = useQuery(FIELDS, { channel });
  const pick = (button: HTMLElement, field: MergeField) => {
    if (!field.available) return;
    button.closest<HTMLElement>('[popover]')?.hidePopover();
    onPick(field);
  };
  return (
    <Popover label={t.templates.insert} trigger={(props) => (
      // The selection of the field that is being written stays.
      <button {...props} class="button quiet small" onPointerDown={(event) => event.preventDefault()}><Icon name="plus" />{t.templates.insert}</button>
    )}>
      <div class="template-fields">
        {error && <ErrorNotice error={error} retry={reload} />}
        {grouped(data?.mergeFields ?? []).map(({ group, fields }) => (
          <section key={group} aria-label={t.templates.group[group]}>
            <h3>{t.templates.group[group]}</h3>
            {fields.map((field) => (
              <button key={field.name} type="button" class="template-field" aria-disabled={!field.available || undefined}
                onClick={(event) => pick(event.currentTarget, field)}>
                <span>{labelOf(field)}</span>
                <span class="hint">{field.available ? field.example : field.reason}</span>
              </button>
            ))}
          </section>
        ))}
      </div>
    </Popover>
  );
}
