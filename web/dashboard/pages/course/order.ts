// The order of a course's modules and lessons, by their ids, and moves in it.
import type { Lesson, Module } from './documents';

export type Order = readonly { readonly id: string; readonly lessonIds: readonly string[] }[];

export type Place = { moduleId: string; index: number };

export const orderOf = (modules: readonly Module[]): Order =>
  modules.map(({ id, lessons }) => ({ id, lessonIds: lessons.map((lesson) => lesson.id) }));

/** The modules in this order. What it doesn't name comes last: it is new. */
export function arrange(modules: readonly Module[], order: Order): Module[] {
  const byId = new Map(modules.map((module) => [module.id, module]));
  const lessons = new Map(modules.flatMap((module) => module.lessons).map((lesson) => [lesson.id, lesson]));
  const named = new Set(order.flatMap(({ id, lessonIds }) => [id, ...lessonIds]));
  const known = order.flatMap(({ id, lessonIds }) => {
    const module = byId.get(id);
    if (!module) return [];
    const inOrder = lessonIds.map((lessonId) => lessons.get(lessonId)).filter((lesson): lesson is Lesson => lesson !== undefined);
    return [{ ...module, lessons: [...inOrder, ...module.lessons.filter((lesson) => !named.has(lesson.id))] }];
  });
  return [...known, ...modules.filter(({ id }) => !named.has(id))];
}

const inserted = <Item>(items: readonly Item[], index: number, item: Item): Item[] => [...items.slice(0, index), item, ...items.slice(index)];

/** `index` counts the modules as they are before the move. */
export function moveModule(order: Order, id: string, index: number): Order {
  const from = order.findIndex((module) => module.id === id);
  const moved = order[from];
  if (!moved) return order;
  return inserted(order.filter((module) => module.id !== id), index > from ? index - 1 : index, moved);
}

/** `index` counts the lessons of the module as they are before the move. */
export function moveLesson(order: Order, id: string, { moduleId, index }: Place): Order {
  return order.map((module) => {
    const from = module.lessonIds.indexOf(id);
    const rest = module.lessonIds.filter((each) => each !== id);
    if (module.id !== moduleId) return from < 0 ? module : { ...module, lessonIds: rest };
    return { ...module, lessonIds: inserted(rest, from >= 0 && index > from ? index - 1 : index, id) };
  });
}

export type Step = -1 | 1;

export function placeOf(order: Order, lessonId: string): Place | null {
  for (const { id, lessonIds } of order) {
    const index = lessonIds.indexOf(lessonId);
    if (index >= 0) return { moduleId: id, index };
  }
  return null;
}

/** One place up or down; from the first or last lesson of a module into the next module. Null at the end of the course. */
export function stepped(order: Order, id: string, step: Step): Order | null {
  const at = order.findIndex((module) => module.id === id);
  if (at >= 0) {
    const next = at + step;
    return next < 0 || next >= order.length ? null : moveModule(order, id, step > 0 ? at + 2 : next);
  }
  const place = placeOf(order, id);
  const within = order.findIndex((module) => module.id === place?.moduleId);
  const module = order[within];
  if (!place || !module) return null;
  const index = place.index + step;
  if (index >= 0 && index < module.lessonIds.length) return moveLesson(order, id, { moduleId: module.id, index: step > 0 ? index + 1 : index });
  const neighbour = order[within + step];
  return neighbour ? moveLesson(order, id, { moduleId: neighbour.id, index: step > 0 ? 0 : neighbour.lessonIds.length }) : null;
}

export const sameOrder = (one: Order, other: Order): boolean => JSON.stringify(one) === JSON.stringify(other);
