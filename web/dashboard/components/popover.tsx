import type { ComponentChildren, Ref, VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { place } from './place';

type TriggerProps = {
  ref: Ref<HTMLButtonElement>;
  type: 'button';
  popovertarget: string;
  'aria-expanded': boolean;
  'aria-haspopup': 'dialog';
};

type PopoverProps = {
  /** Spread the props on a `<button>`. */
  trigger: (props: TriggerProps) => VNode;
  label: string;
  children: ComponentChildren;
  onToggle?: (open: boolean) => void;
};

export function Popover({ trigger, label, children, onToggle }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return;
    const again = () => panel.current && button.current && place(panel.current, button.current);
    addEventListener('resize', again);
    return () => removeEventListener('resize', again);
  }, [open]);
  return (
    <>
      {trigger({ ref: button, type: 'button', popovertarget: id, 'aria-expanded': open, 'aria-haspopup': 'dialog' })}
      <div id={id} ref={panel} class="popover" popover="auto" role="dialog" aria-label={label}
        onToggle={(event) => {
          const { currentTarget } = event;
          const opened = currentTarget.matches(':popover-open');
          setOpen(opened);
          onToggle?.(opened);
          if (!opened || !button.current) return;
          place(currentTarget, button.current);
          currentTarget.querySelector<HTMLElement>('[autofocus], input, button, a')?.focus();
        }}>
        {children}
      </div>
    </>
  );
}
