// The items of a menu. They are moved by dragging, by buttons, or by Alt and the arrow keys.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Banner, ErrorNotice, IconButton, Menu, MenuIconView } from '../../components';
import { t } from '../../i18n';
import { useDragging } from '../course/dragging';
import { hostOf } from '../courses/web_address';
import type { Audience, Item } from './documents';
import { noRole } from './documents';
import { moved, useOrder } from './order';

/** Who sees the item, if not everyone. */
function seenBy({ visibleTo }: Item): string | null {
  if (visibleTo?.target) return t.menu.seenWith(visibleTo.target.title);
  const role = visibleTo?.minimumRole;
  return role && role !== 'READ_ONLY' ? t.menu.seenFrom(t.words.role[role]) : null;
}

const About = ({ item }: { item: Item }) => {
  const { section, url, opensIn } = item;
  const parts = [section ? t.words.section[section] : hostOf(url ?? ''), opensIn === 'SAME_TAB' ? null : t.menu.opensIn[opensIn], seenBy(item)];
  return <span class="hint menus-about">{parts.filter(Boolean).map((part) => <bdi key={part}>{part}</bdi>)}</span>;
};

const Grip = ({ onDrag }: { onDrag: (event: PointerEvent) => void }) => (
  <span class="outline-grip" aria-hidden="true" title={t.menu.drag} onPointerDown={onDrag}>
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" fill="currentColor" focusable="false">
      {[3, 8, 13].flatMap((y) => [5.5, 10.5].map((x) => <circle key={`${x}.${y}`} cx={x} cy={y} r="1.25" />))}
    </svg>
  </span>
);

type Actions = {
  step: (item: Item, by: -1 | 1, control: string) => void;
  drag: (event: PointerEvent, item: Item) => void;
  edit: (item: Item) => void;
  remove: (item: Item) => void;
};

function Row({ item, actions, dragged }: { item: Item; actions: Actions; dragged: boolean }) {
  const refused = noRole();
  const disabled = refused ? { disabledReason: refused } : {};
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key] as -1 | 1 | undefined;
    if (!by || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || refused) return;
    const target = event.target as Element;
    if (target.matches('[role="menu"] *')) return;
    event.preventDefault();
    actions.step(item, by, target.closest<HTMLElement>('[data-control]')?.dataset['control'] ?? 'title');
  };
  return (
    <li class="menus-item" data-item={item.id} data-module={item.id} data-dragged={dragged || undefined} onKeyDown={onKeyDown}>
      {!refused && <Grip onDrag={(event) => actions.drag(event, item)} />}
      <span class="menus-icon"><MenuIconView name={item.icon} /></span>
      <span class="menus-text">
        <button type="button" class="menus-title" data-control="title" disabled={Boolean(refused)} onClick={() => actions.edit(item)}><bdi>{item.title}</bdi></button>
        <About item={item} />
      </span>
      {!refused && (
        <span class="outline-steps">
          <IconButton icon="chevron-up" label={t.menu.moveUp(item.title)} data-control="up" aria-keyshortcuts="Alt+ArrowUp" onClick={() => actions.step(item, -1, 'up')} />
          <IconButton icon="chevron-down" label={t.menu.moveDown(item.title)} data-control="down" aria-keyshortcuts="Alt+ArrowDown" onClick={() => actions.step(item, 1, 'down')} />
        </span>
      )}
      <span class="menus-controls" data-control="menu">
        <Menu label={t.menu.actionsFor(item.title)} items={[
          { id: 'edit', label: t.common.edit, icon: 'edit', onSelect: () => actions.edit(item), ...disabled },
          { id: 'up', label: t.menu.up, icon: 'chevron-up', onSelect: () => actions.step(item, -1, 'menu'), ...disabled },
          { id: 'down', label: t.menu.down, icon: 'chevron-down', onSelect: () => actions.step(item, 1, 'menu'), ...disabled },
          { separator: true },
          { id: 'delete', label: t.menu.delete, icon: 'trash', danger: true, onSelect: () => actions.remove(item), ...disabled },
        ]} />
      </span>
    </li>
  );
}

/** A moved element loses the focus: it gets it back on the same control. */
function useRefocus() {
  const wanted = useRef<{ id: string; control: string } | null>(null);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const { id, control } = wanted.current;
    wanted.current = null;
    const row = document.querySelector(`[data-item="${CSS.escape(id)}"]`);
    row?.querySelector<HTMLElement>(`[data-control="${control}"] button, button[data-control="${control}"]`)?.focus();
  });
  return wanted;
}

type ListProps = { audience: Audience; items: readonly Item[]; reload: () => void; onEdit: (item: Item) => void; onRemove: (item: Item) => void };

export function MenuList({ audience, items, reload, onEdit, onRemove }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState('');
  const refocus = useRefocus();
  const { shown, ids, put, conflict, error, dismiss } = useOrder(audience, items, reload);
  const place = (id: string, to: string[]) => {
    put(to);
    setSaid(t.menu.moved(items.find((item) => item.id === id)?.title ?? '', to.indexOf(id) + 1, to.length));
  };
  const { drag, start, lineTop } = useDragging(list, (_, id, { index }) => place(id, moved(ids, id, index)));
  const step = ({ id, title }: Item, by: -1 | 1, control: string) => {
    const at = ids.indexOf(id) + by;
    refocus.current = { id, control };
    if (at < 0 || at >= ids.length) setSaid(by < 0 ? t.menu.alreadyFirst(title) : t.menu.alreadyLast(title));
    else place(id, moved(ids, id, by > 0 ? at + 1 : at));
  };
  const actions: Actions = { step, drag: (event, { id }) => start(event, 'module', id), edit: onEdit, remove: onRemove };
  return (
    <div class="menus-list" data-dragging={drag?.kind}>
      <p class="unseen" role="status">{said}</p>
      {conflict && <Banner tone="warn" onDismiss={dismiss}>{t.menu.conflict}</Banner>}
      {error !== undefined && <ErrorNotice error={error} />}
      <div class="menus-items" ref={list}>
        <ol>{shown.map((item) => <Row key={item.id} item={item} actions={actions} dragged={drag?.id === item.id} />)}</ol>
        {lineTop !== null && <div class="outline-line" aria-hidden="true" style={{ top: `${lineTop}px` }} />}
      </div>
      {!noRole() && shown.length > 1 && <p class="hint menus-keys">{t.menu.keysHint}</p>}
    </div>
  );
}
