// Moving a step, in its list or out of the way that it is in.
import type { Item, Place } from './tree';
import { changed, moved } from './tree';

export type Direction = -1 | 1;

const listAt = (items: readonly Item[], list: Place['list']): readonly Item[] => {
  const [first, ...rest] = list;
  if (!first) return items;
  const ways = items.find(({ step }) => step.key === first[0])?.ways;
  return ways ? listAt(ways[first[1]], rest) : [];
};

const isEnd = (item: Item | undefined): boolean => item?.step.kind === 'stop' || item?.step.kind === 'goTo';

/** An end stays the last of its list. */
export function canMove(items: readonly Item[], { list, index }: Place, by: Direction): boolean {
  const own = listAt(items, list);
  const other = own[index + by];
  if (other) return !isEnd(own[index]) && !isEnd(other);
  return list.length > 0 && !isEnd(own[index]);
}

export function moveStep(items: readonly Item[], place: Place, by: Direction): Item[] {
  const { list, index } = place;
  const own = listAt(items, list);
  const item = own[index];
  const fork = list[list.length - 1];
  if (!item || !canMove(items, place, by)) return [...items];
  if (own[index + by]) return changed(items, list, (each) => moved(each, index, by));
  if (!fork) return [...items];
  // Out of the way, before or after the fork.
  const without = changed(items, list, (each) => each.filter((_, at) => at !== index));
  return changed(without, list.slice(0, -1), (each) => {
    const at = each.findIndex(({ step }) => step.key === fork[0]);
    each.splice(by === 1 ? at + 1 : at, 0, item);
    return each;
  });
}
