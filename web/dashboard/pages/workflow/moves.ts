// Moving a step: in its list, out of the way that it is in, or into a way of a fork beside it.
import type { Step } from './steps';
import type { Item, Place, Ways } from './tree';
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
  if (!item || !canMove(items, place, by)) return [...items];
  if (own[index + by]) return changed(items, list, (each) => moved(each, index, by));
  return beside(items, place, item, by);
}

const without = (items: readonly Item[], { list, index }: Place): Item[] => changed(items, list, (each) => each.filter((_, at) => at !== index));

/** Out of the way, before or after its fork. */
function beside(items: readonly Item[], place: Place, item: Item, by: Direction): Item[] {
  const [key] = place.list[place.list.length - 1] ?? [];
  return changed(without(items, place), place.list.slice(0, -1), (each) => {
    const at = each.findIndex(({ step }) => step.key === key);
    each.splice(by === 1 ? at + 1 : at, 0, item);
    return each;
  });
}

/** The step whose way a step is in. */
export function forkOf(items: readonly Item[], { list }: Place): Step | undefined {
  const fork = list[list.length - 1];
  return fork && listAt(items, list.slice(0, -1)).find(({ step }) => step.key === fork[0])?.step;
}

/** Out of the way, to what follows its fork. An end can only be put where nothing follows. */
export function canMoveOut(items: readonly Item[], place: Place): boolean {
  const fork = forkOf(items, place);
  const outer = listAt(items, place.list.slice(0, -1));
  return fork !== undefined && (!isEnd(listAt(items, place.list)[place.index]) || outer[outer.length - 1]?.step.key === fork.key);
}

export function moveOut(items: readonly Item[], place: Place): Item[] {
  const item = listAt(items, place.list)[place.index];
  return item && canMoveOut(items, place) ? beside(items, place, item, 1) : [...items];
}

export type Target = { fork: Step; way: keyof Ways; above: boolean };

/** The ways that a step can be moved into: those of the fork above it, where it comes last, and below it, where it comes first. */
export function waysBeside(items: readonly Item[], { list, index }: Place): Target[] {
  const own = listAt(items, list);
  return [true, false].flatMap((above) => {
    const fork = own[index + (above ? -1 : 1)];
    const { ways } = fork ?? {};
    if (!fork || !ways) return [];
    const takes = (way: keyof Ways) => !isEnd(own[index]) || !isEnd(ways[way][ways[way].length - 1]);
    return (['yes', 'no'] as const).filter(takes).map((way) => ({ fork: fork.step, way, above }));
  });
}

export function moveInto(items: readonly Item[], place: Place, { fork, way, above }: Target): Item[] {
  const item = listAt(items, place.list)[place.index];
  if (!item) return [...items];
  return changed(without(items, place), [...place.list, [fork.key, way]], (each) => {
    // An end stays the last.
    const last = isEnd(each[each.length - 1]) ? each.length - 1 : each.length;
    each.splice(above || isEnd(item) ? last : 0, 0, item);
    return each;
  });
}
