import * as menu from '@zag-js/menu';
import { normalizeProps } from '@zag-js/preact';
import { useId, useLayoutEffect } from 'preact/hooks';
import { Icon } from '../icon';
import type { MenuAction, MenuEntry } from '../menu';
import { useTopLayer } from '../place';
import { useZag } from './use_zag';

const isAction = (entry: MenuEntry): entry is MenuAction => 'id' in entry;

type OpenMenuProps = { label: string; items: MenuEntry[]; triggerId: string; first: boolean; onClose: () => void };

export function OpenMenu({ label, items, triggerId, first, onClose }: OpenMenuProps) {
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
  <div {...props} {...(entry.checked !== undefined && { role: 'menuitemcheckbox', 'aria-checked': entry.checked })} class="menu-item" data-danger={entry.danger || undefined} aria-disabled={entry.disabledReason ? true : undefined}>
    {entry.icon && <Icon name={entry.icon} />}
    {entry.checked !== undefined && <Icon name="check" />}
    <span>
      {entry.label}
      {entry.disabledReason && <small class="menu-reason">{entry.disabledReason}</small>}
    </span>
  </div>
);
