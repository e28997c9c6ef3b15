import * as menu from '@zag-js/menu';
import { normalizeProps } from '@zag-js/preact';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { IconName } from './icon';
import { Icon } from './icon';
import { useTopLayer } from './place';
import { useZag } from './zag';

export type MenuAction = {
  id: string;
  label: string;
  icon?: IconName;
  danger?: boolean;
  disabledReason?: string;
  onSelect: () => unknown;
};

export type MenuEntry = MenuAction | { separator: true };

export type MenuProps = {
  /** What the menu is for; names the trigger when it shows an icon only. */
  label: string;
  trigger?: ComponentChildren;
  icon?: IconName;
  items: MenuEntry[];
};

const isAction = (entry: MenuEntry): entry is MenuAction => 'id' in entry;

export function Menu({ label, trigger, icon, items }: MenuProps) {
  const props: menu.Props = {
    id: useId(),
    'aria-label': label,
    loopFocus: true,
    positioning: { placement: 'bottom-end', strategy: 'fixed', gutter: 6 },
    onSelect: ({ value }) => {
      const chosen = items.filter(isAction).find(({ id }) => id === value);
      if (chosen && !chosen.disabledReason) void chosen.onSelect();
    },
  };
  const api = menu.connect(useZag<menu.Service>(menu.machine, props), normalizeProps);
  const layer = useTopLayer(api.open);
  const iconOnly = trigger === undefined;
  return (
    <>
      <button {...api.getTriggerProps()} class={`button small menu-trigger ${iconOnly ? 'plain icon-button' : 'quiet'}`}
        title={iconOnly ? label : undefined}>
        {(icon ?? iconOnly) && <Icon name={icon ?? 'more'} />}
        {trigger ?? <span class="unseen">{label}</span>}
      </button>
      <div {...api.getPositionerProps()} class="layer" popover="manual" ref={layer}>
        <div {...api.getContentProps()} class="menu">
          {items.map((entry, index) => isAction(entry)
            ? <MenuItem key={entry.id} entry={entry} props={api.getItemProps({ value: entry.id, valueText: entry.label, closeOnSelect: !entry.disabledReason })} />
            : <hr key={`separator-${index}`} class="menu-separator" {...api.getSeparatorProps()} />)}
        </div>
      </div>
    </>
  );
}

// A disabled item stays reachable by the arrow keys: its reason has to be readable.
const MenuItem = ({ entry, props }: { entry: MenuAction; props: object }) => (
  <div {...props} class="menu-item" data-danger={entry.danger || undefined} aria-disabled={entry.disabledReason ? true : undefined}>
    {entry.icon && <Icon name={entry.icon} />}
    <span>
      {entry.label}
      {entry.disabledReason && <small class="menu-reason">{entry.disabledReason}</small>}
    </span>
  </div>
);
