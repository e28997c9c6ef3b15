// The conditions of a branch are those of smart lists.
import { useMemo } from 'preact/hooks';
import { IconButton } from '../../components';
import { t } from '../../i18n';
import { useTags } from '../contacts/filters';
import { AddCondition } from '../smart_list/add_condition';
import type { ConditionName, Conditions } from '../smart_list/conditions';
import { emptyOf } from '../smart_list/conditions';
import { Control } from '../smart_list/control';

export function BranchFields({ conditions, onChange }: { conditions: Conditions; onChange: (conditions: Conditions) => void }) {
  const known = useTags().tags;
  const tags = useMemo(() => known.map(({ tag }) => tag), [known]);
  const names = Object.keys(conditions) as ConditionName[];
  const without = (name: ConditionName): Conditions => Object.fromEntries(Object.entries(conditions).filter(([other]) => other !== name));
  return (
    <div class="smart-list-builder">
      <p class="hint">{t.workflows.branchHint}</p>
      {names.length > 0 && (
        <ul class="conditions">
          {names.map((name) => (
            <li key={name} class="condition" data-condition={name}>
              <Control name={name} value={conditions[name] ?? null} tags={tags} error={undefined} onChange={(value) => onChange({ ...conditions, [name]: value })} />
              <IconButton icon="close" label={t.components.remove(t.smartLists.condition[name])} onClick={() => onChange(without(name))} />
            </li>
          ))}
        </ul>
      )}
      <div><AddCondition conditions={conditions} onAdd={(name) => onChange({ ...conditions, [name]: emptyOf(name) })} /></div>
    </div>
  );
}
