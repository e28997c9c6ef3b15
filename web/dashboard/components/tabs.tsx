import { useId, useRef } from 'preact/hooks';
import { number } from '../i18n';

type TabsProps<Id extends string> = {
  tabs: readonly { id: Id; label: string; count?: number }[];
  current: Id;
  onChange: (id: Id) => void;
  label: string;
};

/** The panel below is the caller's: `role="tabpanel"` with an `aria-label`. */
export function Tabs<Id extends string>({ tabs, current, onChange, label }: TabsProps<Id>) {
  const prefix = useId();
  const list = useRef<HTMLDivElement>(null);

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
    <div class="tabs" role="tablist" aria-label={label} ref={list}>
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
