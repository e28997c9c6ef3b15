import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { place } from './place';

/** Shows `text` on hover and focus of its child, which points to `id` with `aria-describedby`. Esc hides it. */
export function Tooltip({ id, text, children }: { id: string; text: string; children: ComponentChildren }) {
  const [shown, setShown] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const tip = useRef<HTMLSpanElement>(null);

  useLayoutEffect(() => {
    if (!shown || !tip.current || !anchor.current) return;
    const element = tip.current;
    element.showPopover();
    place(element, anchor.current);
    return () => element.hidePopover();
  }, [shown]);

  useEffect(() => {
    if (!shown) return;
    const hide = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      setShown(false);
    };
    addEventListener('keydown', hide, true);
    return () => removeEventListener('keydown', hide, true);
  }, [shown]);

  return (
    <span class="tooltip-anchor" ref={anchor} onPointerEnter={() => setShown(true)} onPointerLeave={() => setShown(false)}
      onFocusIn={() => setShown(true)} onFocusOut={() => setShown(false)}>
      {children}
      <span class="tooltip" role="tooltip" popover="manual" id={id} ref={tip}>{text}</span>
    </span>
  );
}
