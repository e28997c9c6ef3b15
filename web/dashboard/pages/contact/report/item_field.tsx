import { Field } from '../../../components';
import { t } from '../../../i18n';
import type { Item } from './documents';

const labelOf = ({ title, status }: Item): string => (status === 'PUBLISHED' ? title : `${title} (${t.words.contentStatus[status]})`);

const Group = ({ label, items }: { label: string; items: readonly Item[] }) =>
  items.length === 0 ? null : (
    <optgroup label={label}>{items.map((item) => <option key={item.id} value={item.id}>{labelOf(item)}</option>)}</optgroup>
  );

/** What the report is about beside the sign-in. */
export function ItemField({ items, value, onChange }: { items: readonly Item[]; value: string | null; onChange: (id: string) => void }) {
  if (items.length === 0) return null;
  const known = !value || items.some(({ id }) => id === value);
  return (
    <div class="report-item">
      <Field label={t.accessReport.item}>
        {(props) => (
          <select {...props} value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value)}>
            <option value="">{t.accessReport.signInOnly}</option>
            {!known && <option value={value}>{t.accessReport.otherItem}</option>}
            <Group label={t.words.section.COURSES} items={items.filter(({ kind }) => kind === 'course')} />
            <Group label={t.words.section.COMMUNITIES} items={items.filter(({ kind }) => kind === 'community')} />
          </select>
        )}
      </Field>
    </div>
  );
}
