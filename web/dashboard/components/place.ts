import { useLayoutEffect, useRef } from 'preact/hooks';

const GAP = 6;
const MARGIN = 8;

/** Puts an open popover below its trigger, or above where there is more room, always inside the window. */
export function place(popover: HTMLElement, trigger: Element): void {
  const anchor = trigger.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const below = innerHeight - anchor.bottom;
  const top = below < height + GAP + MARGIN && anchor.top > below ? anchor.top - height - GAP : anchor.bottom + GAP;
  const left = Math.min(anchor.left, innerWidth - width - MARGIN);
  popover.style.top = `${Math.max(MARGIN, top)}px`;
  popover.style.left = `${Math.max(MARGIN, left)}px`;
}

/** Keeps the element in the top layer while `open`: no row, card or dialog clips it. */
export function useTopLayer(open: boolean) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element || element.matches(':popover-open') === open) return;
    if (open) element.showPopover();
    else element.hidePopover();
  }, [open]);
  return ref;
}

/** For what sticks to the window's bottom: what is above it keeps away by the CSS variable `name`. */
export function useRoom(name: '--selection-room' | '--tray-room', shown: boolean) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    const { style } = document.documentElement;
    if (!element || !shown) return;
    const observer = new ResizeObserver(() => style.setProperty(name, `${element.offsetHeight + MARGIN}px`));
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(name);
    };
  }, [shown]);
  return ref;
}
