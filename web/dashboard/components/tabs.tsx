import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { number } from '../i18n';

type TabsProps<Id extends string> = {
  tabs: readonly { id: Id; label: string; count?: number }[];
  current: Id;
  onChange: (id: Id) => void;
  label: string;
};

/** Says on the list on which sides more tabs can be scrolled to: they fade there. */
function showMore(list: HTMLElement): void {
  const hidden = list.scrollWidth - list.clientWidth;
  const at = Math.abs(list.scrollLeft);
  list.dataset['more'] = [at > 1 ? 'before' : '', at < hidden - 1 ? 'after' : ''].filter(Boolean).join(' ');
}

/** The current tab is in sight, and what is not can be told. */
function useScrolling(list: { current: HTMLElement | null }, count: number, current: string): void {
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const watch = new ResizeObserver(() => showMore(element));
    watch.observe(element);
    for (const tab of element.children) watch.observe(tab);
    return () => watch.disconnect();
  }, [count]);
  useLayoutEffect(() => {
    const [element, tab] = [list.current, list.current?.querySelector<HTMLElement>('[aria-selected="true"]')];
    if (!element || !tab) return;
    const [outer, inner] = [element.getBoundingClientRect(), tab.getBoundingClientRect()];
    const room = outer.width / 4;
    if (inner.left < outer.left + room) element.scrollLeft += inner.left - outer.left - room;
    else if (inner.right > outer.right - room) element.scrollLeft += inner.right - outer.right + room;
  }, [current]);
}

/** The panel below is the caller's: `role="tabpanel"` with an `aria-label`. */
export function Tabs<Id extends string>({ tabs, current, onChange, label }: TabsProps<Id>) {
  const prefix = useId();
  const list = useRef<HTMLDivElement>(null);
  useScrolling(list, tabs.length, current);

  const move = (event: KeyboardEvent, index: number) => {
    const target = {
      ArrowRight: (index + 1) % tabs.length,
      ArrowLeft: (index + tabs.length - 1) % tabs.length,
      Home: 0,
      End: tabs.length - 1,
    }[event.key];
    const next = target === undefined ? undefined : tabs[target];
    if (!next) return;
    event.preventDefault();
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
    onChange(next.id);
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list} onScroll={(event) => showMore(event.currentTarget)}>
      {tabs.map((tab, index) => (
        <button key={tab.id} id={`${prefix}-${tab.id}`} type="button" role="tab" class="tab" data-tab={tab.id}
          aria-selected={tab.id === current} tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onChange(tab.id)} onKeyDown={(event) => move(event, index)}>
          {tab.label}
          {tab.count !== undefined && <span class="tab-count">{number(tab.count)}</span>}
        </button>
      ))}
    </div>
  );
}
