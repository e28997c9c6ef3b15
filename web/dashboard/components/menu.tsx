import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { IconName } from './icon';
import { Icon } from './icon';
import { loadZag, zag } from './lazy_zag';

export type MenuAction = {
  id: string;
  label: string;
  icon?: IconName;
  /** For a setting that is on or off. */
  checked?: boolean;
  danger?: boolean;
  disabledReason?: string;
  onSelect: () => unknown;
};

export type MenuEntry = MenuAction | { separator: true };

type MenuProps = {
  /** What the menu is for; names the trigger when it shows an icon only. */
  label: string;
  trigger?: ComponentChildren;
  icon?: IconName;
  items: MenuEntry[];
};

/** Its machine is loaded when it is first needed, and runs only while the menu is open: a list can have thousands of menus. */
export function Menu({ label, trigger, icon, items }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<'pointer' | 'keyboard' | null>(null);
  const iconOnly = trigger === undefined;
  const OpenMenu = zag.value?.OpenMenu;
  const open = (by: 'pointer' | 'keyboard') => {
    loadZag();
    setOpened(by);
  };
  const close = () => {
    setOpened(null);
    button.current?.focus();
  };
  return (
    <>
      <button id={id} ref={button} type="button" class={`button small menu-trigger ${iconOnly ? 'plain icon-button' : 'quiet'}`}
        title={iconOnly ? label : undefined} aria-haspopup="menu" aria-expanded={opened !== null}
        onClick={(event) => (opened ? setOpened(null) : open(event.detail === 0 ? 'keyboard' : 'pointer'))}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown') return;
          event.preventDefault();
          open('keyboard');
        }}>
        {(icon ?? iconOnly) && <Icon name={icon ?? 'more'} />}
        {trigger ?? <span class="unseen">{label}</span>}
      </button>
      {opened && OpenMenu && <OpenMenu label={label} items={items} triggerId={id} first={opened === 'keyboard'} onClose={close} />}
    </>
  );
}
