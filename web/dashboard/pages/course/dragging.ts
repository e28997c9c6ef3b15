// Dragging modules and lessons with a mouse, a pen or a finger. The keyboard has its own way: see `outline.tsx`.
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Place } from './order';

export type DragKind = 'module' | 'lesson';

/** Where the dragged item can be put: `y` is the distance from the top of the document. */
type Slot = Place & { y: number };

export type Drag = { kind: DragKind; id: string; slot: Slot | null };

const EDGE = 90;
const SCROLL_STEP = 10;
const FAR_PX = 4;

const topOf = (element: Element): number => element.getBoundingClientRect().top + scrollY;
const bottomOf = (element: Element): number => element.getBoundingClientRect().bottom + scrollY;

function lessonSlots(module: HTMLElement): Slot[] {
  const moduleId = module.dataset['module'] ?? '';
  const rows = [...module.querySelectorAll('[data-lesson]')];
  const last = rows[rows.length - 1];
  const end = last ? bottomOf(last) : topOf(module.querySelector('.outline-lessons') ?? module);
  return [...rows.map((row, index) => ({ moduleId, index, y: topOf(row) })), { moduleId, index: rows.length, y: end }];
}

function slotsOf(outline: HTMLElement, kind: DragKind): Slot[] {
  const modules = [...outline.querySelectorAll<HTMLElement>('[data-module]')];
  if (kind === 'lesson') return modules.flatMap(lessonSlots);
  const last = modules[modules.length - 1];
  const end = { moduleId: '', index: modules.length, y: last ? bottomOf(last) : 0 };
  return [...modules.map((module, index) => ({ moduleId: '', index, y: topOf(module) })), end];
}

const nearest = (slots: readonly Slot[], y: number): Slot | null =>
  slots.reduce<Slot | null>((best, slot) => (best && Math.abs(best.y - y) <= Math.abs(slot.y - y) ? best : slot), null);

/** Near an edge of the window the page scrolls, as long as the pointer stays there. */
function scrollNearEdge(y: number): void {
  if (y < EDGE) scrollBy(0, -SCROLL_STEP);
  else if (y > innerHeight - EDGE) scrollBy(0, SCROLL_STEP);
}

function follow(event: PointerEvent, slots: readonly Slot[], onMove: (slot: Slot | null) => void, onEnd: (slot: Slot | null) => void): () => void {
  const startY = event.clientY;
  let y = startY;
  let slot: Slot | null = null;
  let moved = false;
  const update = () => {
    if (!moved) return;
    scrollNearEdge(y);
    const next = nearest(slots, y + scrollY);
    if (next !== slot) onMove(next);
    slot = next;
  };
  const timer = setInterval(update, 16);
  const listening = new AbortController();
  const stop = (dropped: Slot | null) => {
    clearInterval(timer);
    listening.abort();
    onEnd(dropped);
  };
  const on = { signal: listening.signal };
  addEventListener('pointermove', (to) => {
    y = to.clientY;
    moved ||= Math.abs(y - startY) > FAR_PX;
    update();
  }, on);
  addEventListener('pointerup', () => stop(slot), on);
  addEventListener('pointercancel', () => stop(null), on);
  addEventListener('keydown', (key) => {
    if (key.key === 'Escape') stop(null);
  }, on);
  return () => stop(null);
}

export function useDragging(outline: RefObject<HTMLElement | null>, drop: (kind: DragKind, id: string, place: Place) => void) {
  const [drag, setDrag] = useState<Drag | null>(null);
  const cancel = useRef<(() => void) | null>(null);
  const latest = useRef(drop);
  latest.current = drop;
  useEffect(() => () => cancel.current?.(), []);

  const start = (event: PointerEvent, kind: DragKind, id: string) => {
    if (event.button !== 0 || !outline.current) return;
    // Else the browser selects text, or scrolls.
    event.preventDefault();
    const onMove = (slot: Slot | null) => setDrag({ kind, id, slot });
    cancel.current = follow(event, slotsOf(outline.current, kind), onMove, (slot) => {
      cancel.current = null;
      setDrag(null);
      if (slot) latest.current(kind, id, slot);
    });
  };
  const top = outline.current && drag?.slot ? drag.slot.y - topOf(outline.current) : null;
  return { drag, start, lineTop: top };
}
