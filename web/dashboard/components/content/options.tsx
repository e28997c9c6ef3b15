import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { place } from '../place';
import type { Item } from './items';

type OptionsProps = {
  id: string;
  label: string;
  open: boolean;
  anchor: { current: HTMLElement | null };
  found: readonly Item[];
  current: number;
  /** What is said when nothing is found. */
  empty: string;
  onHover: (at: number) => void;
  onChoose: (item: Item) => void;
};

/** The list of a combobox, in the top layer below its field. */
export function Options({ id, label, open, anchor, found, current, empty, onHover, onChoose }: OptionsProps) {
  const layer = useRef<HTMLDivElement>(null);
  const put = () => {
    const box = anchor.current?.closest('.picker-box');
    if (!layer.current || !box) return;
    layer.current.style.width = `${box.getBoundingClientRect().width}px`;
    place(layer.current, box);
  };
  useLayoutEffect(() => {
    const element = layer.current;
    if (!element) return;
    if (open !== element.matches(':popover-open')) element.togglePopover(open);
    if (open) put();
  }, [open, found.length]);
  useEffect(() => {
    if (!open) return;
    addEventListener('resize', put);
    addEventListener('scroll', put, true);
    return () => {
      removeEventListener('resize', put);
      removeEventListener('scroll', put, true);
    };
  }, [open]);
  return (
    <>
      <div class="layer" popover="manual" ref={layer}>
        {/* The focus stays in the input. */}
        <div class="menu item-picker-options" onPointerDown={(event) => event.preventDefault()}>
          <ul id={id} role="listbox" aria-label={label}>
            {found.map((item, index) => (
              <li key={item.id} id={`${id}-${index}`} role="option" aria-selected={index === current} class="menu-item" data-highlighted={index === current || undefined}
                onPointerMove={() => onHover(index)} onClick={() => onChoose(item)}>
                <bdi>{item.title}</bdi>
                {item.status !== 'PUBLISHED' && <small class="menu-reason">{t.words.contentStatus[item.status]}</small>}
              </li>
            ))}
          </ul>
          {found.length === 0 && <p class="hint item-picker-empty">{empty}</p>}
        </div>
      </div>
      <span class="unseen" role="status">{open ? (found.length ? t.components.picker.results(found.length) : empty) : ''}</span>
    </>
  );
}
