import * as menu from '@zag-js/menu';
import { normalizeProps } from '@zag-js/preact';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
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

/** The machine runs only while the menu is open: a list can have thousands of menus. */
export function Menu({ label, trigger, icon, items }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<'pointer' | 'keyboard' | null>(null);
  const iconOnly = trigger === undefined;
  const close = () => {
    setOpened(null);
    button.current?.focus();
  };
  return (
    <>
      <button id={id} ref={button} type="button" class={`button small menu-trigger ${iconOnly ? 'plain icon-button' : 'quiet'}`}
        title={iconOnly ? label : undefined} aria-haspopup="menu" aria-expanded={opened !== null}
        onClick={(event) => setOpened(opened ? null : event.detail === 0 ? 'keyboard' : 'pointer')}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          setOpened('keyboard');
        }}>
        {(icon ?? iconOnly) && <Icon name={icon ?? 'more'} />}
        {trigger ?? <span class="unseen">{label}</span>}
      </button>
      {opened && <OpenMenu label={label} items={items} triggerId={id} first={opened === 'keyboard'} onClose={close} />}
    </>
  );
}

type OpenMenuProps = { label: string; items: MenuEntry[]; triggerId: string; first: boolean; onClose: () => void };

function OpenMenu({ label, items, triggerId, first, onClose }: OpenMenuProps) {
  const actions = items.filter(isAction);
  const props: menu.Props = {
    id: useId(),
    ids: { trigger: triggerId },
    'aria-label': label,
    defaultOpen: true,
    defaultHighlightedValue: first ? actions[0]?.id : null,
    loopFocus: true,
    positioning: { placement: 'bottom-end', strategy: 'fixed', gutter: 6 },
    onOpenChange: ({ open }) => {
      if (!open) onClose();
    },
    onSelect: ({ value }) => {
      const chosen = actions.find(({ id }) => id === value);
      if (chosen && !chosen.disabledReason) void chosen.onSelect();
    },
  };
  const api = menu.connect(useZag<menu.Service>(menu.machine, props), normalizeProps);
  const layer = useTopLayer(true);
  useLayoutEffect(() => layer.current?.querySelector<HTMLElement>('.menu')?.focus({ preventScroll: true }), []);
  return (
    <div {...api.getPositionerProps()} class="layer" popover="manual" ref={layer}>
      <div {...api.getContentProps()} hidden={false} class="menu">
        {items.map((entry, index) => isAction(entry)
          ? <MenuItem key={entry.id} entry={entry} props={api.getItemProps({ value: entry.id, valueText: entry.label, closeOnSelect: !entry.disabledReason })} />
          : <hr key={`separator-${index}`} class="menu-separator" {...api.getSeparatorProps()} />)}
      </div>
    </div>
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
