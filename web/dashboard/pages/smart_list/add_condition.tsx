import { Icon, Popover } from '../../components';
import { t } from '../../i18n';
import type { ConditionName, Conditions } from './conditions';
import { GROUPS, GROUP_NAMES } from './conditions';

/** The arrow keys go through the conditions, as in a menu. */
function move(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

/** All conditions that are not in the list yet. */
export function AddCondition({ conditions, onAdd }: { conditions: Conditions; onAdd: (name: ConditionName) => void }) {
  const groups = GROUP_NAMES
    .map((group) => ({ group, names: GROUPS[group].filter((name: ConditionName) => !(name in conditions)) }))
    .filter(({ names }) => names.length > 0);
  if (groups.length === 0) return null;
  return (
    <Popover label={t.smartLists.add} trigger={(props) => (
      <button {...props} class="button quiet small condition-add"><Icon name="plus" />{t.smartLists.add}</button>
    )}>
      <div class="condition-choices" onKeyDown={move}>
        {groups.map(({ group, names }) => (
          <section key={group} aria-label={t.smartLists.group[group]}>
            <h3>{t.smartLists.group[group]}</h3>
            {names.map((name) => (
              <button key={name} type="button" class="condition-choice" onClick={(event) => {
                event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover();
                onAdd(name);
              }}>{t.smartLists.condition[name]}</button>
            ))}
          </section>
        ))}
      </div>
    </Popover>
  );
}
