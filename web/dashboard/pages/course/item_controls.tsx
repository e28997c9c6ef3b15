import { IconButton, Menu } from '../../components';
import type { IconName, MenuEntry } from '../../components';
import { t } from '../../i18n';
import { noRole } from './header';
import type { Item, OutlineActions } from './outline';
import { titleOf } from './outline';

type ControlsProps = { item: Item; actions: OutlineActions; more?: MenuEntry[] };

/** What the item is dragged by. It has no role: whoever can't drag has the buttons and the keys. */
export const Grip = ({ item, actions }: { item: Item; actions: OutlineActions }) => noRole() ? null : (
  <span class="outline-grip" aria-hidden="true" title={t.courses.drag} onPointerDown={(event) => actions.drag(event, item)}>
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="currentColor" focusable="false">
      {[3, 8, 13].flatMap((y) => [5.5, 10.5].map((x) => <circle key={`${x}.${y}`} cx={x} cy={y} r="1.25" />))}
    </svg>
  </span>
);

/** Alt and an arrow move the item that has the focus, or what is in it. */
export const moveByKeys = (event: KeyboardEvent, item: Item, actions: OutlineActions): void => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key] as -1 | 1 | undefined;
  if (!step || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || noRole()) return;
  const target = event.target as Element;
  if (target.matches('input, [role="menu"] *')) return;
  event.preventDefault();
  event.stopPropagation();
  actions.step(item, step, target.closest<HTMLElement>('[data-control]')?.dataset['control'] ?? 'title');
};

const entry = (id: string, label: string, icon: IconName, onSelect: () => void, danger = false): MenuEntry => {
  const disabledReason = noRole();
  return { id, label, icon, onSelect, danger, ...(disabledReason && { disabledReason }) };
};

export function ItemControls({ item, actions, more = [] }: ControlsProps) {
  const title = titleOf(item);
  return (
    <span class="outline-controls">
      {!noRole() && (
        <span class="outline-steps">
          <IconButton icon="chevron-up" label={t.courses.moveUp(title)} data-control="up" aria-keyshortcuts="Alt+ArrowUp"
            onClick={() => actions.step(item, -1, 'up')} />
          <IconButton icon="chevron-down" label={t.courses.moveDown(title)} data-control="down" aria-keyshortcuts="Alt+ArrowDown"
            onClick={() => actions.step(item, 1, 'down')} />
        </span>
      )}
      <span data-control="menu">
        <Menu label={t.courses.actionsFor(title)} items={[
          ...more,
          entry('rename', t.courses.rename, 'tag', () => actions.rename(item)),
          entry('up', t.courses.up, 'chevron-up', () => actions.step(item, -1, 'menu')),
          entry('down', t.courses.down, 'chevron-down', () => actions.step(item, 1, 'menu')),
          { separator: true },
          entry('delete', t.courses.delete, 'trash', () => actions.remove(item), true),
        ]} />
      </span>
    </span>
  );
}
