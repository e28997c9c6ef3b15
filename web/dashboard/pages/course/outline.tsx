// The modules and lessons of a course. They are moved by dragging, by buttons, or by Alt and the arrow keys.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Banner, Button, Empty, ErrorNotice } from '../../components';
import { t } from '../../i18n';
import { setParams } from '../../router';
import { hostOf } from '../courses/web_address';
import { AddModule } from './add_items';
import type { Course, Lesson, Module } from './documents';
import { useDragging } from './dragging';
import { ModuleSection } from './module';
import type { Order, Step } from './order';
import { lastOpened } from './last_opened';
import { moveLesson, moveModule, placeOf, stepped } from './order';
import { Removal } from './removal';
import { Rename } from './rename';
import { useReordering } from './reordering';

export type Item = { kind: 'module'; module: Module } | { kind: 'lesson'; lesson: Lesson };

const idOf = (item: Item): string => (item.kind === 'module' ? item.module.id : item.lesson.id);
export const titleOf = (item: Item): string => (item.kind === 'module' ? item.module.title : item.lesson.title);

export type OutlineActions = {
  step: (item: Item, step: Step, control: string) => void;
  drag: (event: PointerEvent, item: Item) => void;
  rename: (item: Item) => void;
  remove: (item: Item) => void;
};

/** Where the item is now, for a screen reader. */
function whereabouts(item: Item, order: Order, modules: readonly Module[]): string {
  const title = titleOf(item);
  if (item.kind === 'module') return t.courses.moved(title, order.findIndex(({ id }) => id === item.module.id) + 1, order.length);
  const place = placeOf(order, item.lesson.id);
  const module = modules.find(({ id }) => id === place?.moduleId);
  const count = order.find(({ id }) => id === place?.moduleId)?.lessonIds.length ?? 0;
  return t.courses.movedInto(title, (place?.index ?? 0) + 1, count, module?.title ?? '');
}

/** A moved element loses the focus: it gets it back on the same control. */
function useRefocus() {
  const wanted = useRef<{ id: string; control: string } | null>(null);
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const { id, control } = wanted.current;
    wanted.current = null;
    const item = document.querySelector(`[data-item="${CSS.escape(id)}"]`);
    item?.querySelector<HTMLElement>(`[data-control="${control}"] button, button[data-control="${control}"], a[data-control="${control}"]`)?.focus();
    item?.scrollIntoView({ block: 'nearest' });
  });
  return wanted;
}

const Elsewhere = ({ url }: { url: string }) => (
  <div class="table-frame">
    <Empty icon="external" title={t.courses.isElsewhere}>
      <p>{t.courses.isElsewhereHint} <a href={url} target="_blank" rel="noopener noreferrer"><bdi>{hostOf(url)}</bdi></a></p>
      <Button kind="quiet" onClick={() => setParams({ tab: 'details' })}>{t.courses.editDetails}</Button>
    </Empty>
  </div>
);

export function Outline(props: { course: Course; reload: () => void }) {
  useEffect(() => {
    const row = lastOpened.id && document.querySelector(`[data-item="${CSS.escape(lastOpened.id)}"]`);
    lastOpened.id = null;
    if (!row) return;
    row.scrollIntoView({ block: 'center' });
    row.querySelector<HTMLElement>('.outline-title')?.focus({ preventScroll: true });
  }, []);
  return props.course.externalUrl && !props.course.modules.length ? <Elsewhere url={props.course.externalUrl} /> : <Modules {...props} />;
}

function useMoves(course: Course, reload: () => void) {
  const reordering = useReordering(course, reload);
  const { order, modules, move } = reordering;
  const [said, setSaid] = useState('');
  const refocus = useRefocus();
  const itemOf = (id: string): Item | null => {
    const module = modules.find((each) => each.id === id);
    if (module) return { kind: 'module', module };
    const lesson = modules.flatMap(({ lessons }) => lessons).find((each) => each.id === id);
    return lesson ? { kind: 'lesson', lesson } : null;
  };
  const put = (item: Item, to: Order) => {
    move(to);
    setSaid(whereabouts(item, to, modules));
  };
  const step = (item: Item, by: Step, control: string) => {
    const to = stepped(order, idOf(item), by);
    refocus.current = { id: idOf(item), control };
    if (to) put(item, to);
    else setSaid(by < 0 ? t.courses.alreadyFirst(titleOf(item)) : t.courses.alreadyLast(titleOf(item)));
  };
  return { ...reordering, said, put, step, itemOf };
}

/** The same object at each render, so that only rows that change are rendered again: an outline can have a thousand. */
function useStable(actions: OutlineActions): OutlineActions {
  const latest = useRef(actions);
  latest.current = actions;
  return useMemo(() => ({
    step: (...call) => latest.current.step(...call),
    drag: (...call) => latest.current.drag(...call),
    rename: (item) => latest.current.rename(item),
    remove: (item) => latest.current.remove(item),
  }), []);
}

function Modules({ course, reload }: { course: Course; reload: () => void }) {
  const list = useRef<HTMLDivElement>(null);
  const { modules, order, said, put, step, itemOf, conflict, error, dismiss } = useMoves(course, reload);
  const [open, setOpen] = useState<{ dialog: 'rename' | 'remove'; item: Item } | null>(null);
  const { drag, start, lineTop } = useDragging(list, (kind, id, place) => {
    const item = itemOf(id);
    if (item) put(item, kind === 'module' ? moveModule(order, id, place.index) : moveLesson(order, id, place));
  });
  const actions = useStable({
    step,
    drag: (event, item) => start(event, item.kind, idOf(item)),
    rename: (item) => setOpen({ dialog: 'rename', item }),
    remove: (item) => setOpen({ dialog: 'remove', item }),
  });
  const close = () => setOpen(null);
  return (
    <div class="outline" data-dragging={drag?.kind}>
      <p class="unseen" role="status">{said}</p>
      {conflict && <Banner tone="warn" onDismiss={dismiss}>{t.courses.conflict}</Banner>}
      {error !== undefined && <ErrorNotice error={error} />}
      <div class="outline-modules" ref={list}>
        {modules.map((module) => (
          <ModuleSection key={module.id} course={course} module={module} actions={actions} dragged={drag?.id} reload={reload} />
        ))}
        {lineTop !== null && <div class="outline-line" aria-hidden="true" style={{ top: `${lineTop}px` }} />}
      </div>
      <div class={modules.length === 0 ? 'table-frame outline-start' : undefined}>
        {modules.length === 0 && <Empty icon="book" title={t.courses.noModules}><p>{t.courses.noModulesHint}</p></Empty>}
        <AddModule courseId={course.id} reload={reload} first={modules.length === 0} />
      </div>
      {modules.length > 0 && <p class="hint outline-keys">{t.courses.keysHint}</p>}
      {open?.dialog === 'rename' && <Rename item={open.item} onClose={close} />}
      {open?.dialog === 'remove' && <Removal course={course} item={open.item} onClose={close} onDone={reload} />}
    </div>
  );
}
