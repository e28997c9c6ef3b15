import { useRef, useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import type { Course, Module } from './documents';
import { REORDER } from './documents';
import type { Order } from './order';
import { arrange, orderOf, sameOrder } from './order';

const send = (courseId: string, order: Order) =>
  mutate(REORDER, { input: { courseId, modules: order.map(({ id, lessonIds }) => ({ id, lessonIds: [...lessonIds] })) } });

/** Shows a new order at once and sends it. Moves that are made while one is being sent follow as one. */
export function useReordering(course: Course, reload: () => void) {
  const [wanted, setWanted] = useState<Order | null>(null);
  const [error, setError] = useState<unknown>();
  const next = useRef<Order | null>(null);
  const sending = useRef(false);

  const sendAll = async () => {
    if (sending.current) return;
    sending.current = true;
    try {
      while (next.current) {
        const order = next.current;
        await send(course.id, order);
        if (next.current === order) next.current = null;
      }
    } catch (failure) {
      next.current = null;
      setError(failure);
      reload();
    }
    sending.current = false;
    setWanted(null);
  };
  const modules: Module[] = wanted ? arrange(course.modules, wanted) : course.modules;
  const order = orderOf(modules);
  const move = (to: Order) => {
    if (sameOrder(order, to)) return;
    setError(undefined);
    next.current = to;
    setWanted(to);
    void sendAll();
  };
  const conflict = error instanceof ApiError && error.code === 'CONFLICT';
  return { modules, order, move, conflict, error: conflict ? undefined : error, dismiss: () => setError(undefined) };
}
