import type { ComponentChildren, Ref, VNode } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { place } from './place';

export type TriggerProps = {
  ref: Ref<HTMLButtonElement>;
  type: 'button';
  popovertarget: string;
  'aria-expanded': boolean;
  'aria-haspopup': 'dialog';
};

export type PopoverProps = {
  /** Spread the props on a `<button>`. */
  trigger: (props: TriggerProps) => VNode;
  label: string;
  children: ComponentChildren;
  onToggle?: (open: boolean) => void;
};

export function Popover({ trigger, label, children, onToggle }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      {trigger({ ref: button, type: 'button', popovertarget: id, 'aria-expanded': open, 'aria-haspopup': 'dialog' })}
      <div id={id} class="popover" popover="auto" role="dialog" aria-label={label}
        onToggle={(event) => {
          const panel = event.currentTarget;
          const opened = panel.matches(':popover-open');
          setOpen(opened);
          onToggle?.(opened);
          if (!opened || !button.current) return;
          place(panel, button.current);
          panel.querySelector<HTMLElement>('[autofocus], input, button, a')?.focus();
        }}>
        {children}
      </div>
    </>
  );
}
