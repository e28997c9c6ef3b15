// The API's steps name those that follow: a graph. It is shown and edited as a list, in which a branch and a wait for an event have two ways
// inside; both go on with what follows it in the list.
import type { ApiStep, StepInput } from './documents';
import type { Step } from './steps';
import { forks, otherwiseOf, stepInput, stepOf } from './steps';

export type Item = { step: Step; ways?: Ways };
export type Ways = { yes: Item[]; no: Item[] };

type Graph = ReadonlyMap<string, ApiStep>;

/** The keys that can be reached, nearest first. */
function reach(from: string | null, graph: Graph): string[] {
  const found: string[] = [];
  const queue = [from];
  for (const key of queue) {
    const step = key === null ? undefined : graph.get(key);
    if (!step || found.includes(step.key)) continue;
    found.push(step.key);
    queue.push(step.next, otherwiseOf(step));
  }
  return found;
}

const goTo = (to: string | null, at: string): Item => ({ step: { key: `goto.${at}`, kind: 'goTo', to } });

/** The steps from `from` up to `join`, where they go on with what follows outside. */
function listOf(from: string | null, join: string | null, graph: Graph, placed: Set<string>, at: string): Item[] {
  const items: Item[] = [];
  let key = from;
  while (key !== join) {
    const step = key === null ? undefined : graph.get(key);
    if (!step || placed.has(step.key)) return [...items, goTo(step?.key ?? null, at)];
    placed.add(step.key);
    const own = stepOf(step);
    if (!forks(own)) {
      items.push({ step: own });
      if (own.kind === 'stop') return items;
      at = step.key;
      key = step.next;
      continue;
    }
    const other = reach(otherwiseOf(step), graph);
    const meet = reach(step.next, graph).find((each) => other.includes(each) && !placed.has(each)) ?? join;
    const yes = listOf(step.next, meet, graph, placed, `${step.key}.yes`);
    const no = listOf(otherwiseOf(step), meet, graph, placed, `${step.key}.no`);
    items.push({ step: own, ways: { yes, no } });
    at = step.key;
    key = meet;
  }
  return items;
}

export function treeOf(steps: readonly ApiStep[]): Item[] {
  const graph = new Map(steps.map((step) => [step.key, step]));
  const placed = new Set<string>();
  const tree = listOf(steps[0]?.key ?? null, null, graph, placed, 'start');
  // What no step leads to can't be saved by the API: it is shown at the end, so that nothing is lost.
  return [...tree, ...steps.filter(({ key }) => !placed.has(key)).map((step) => withWays(stepOf(step)))];
}

export const withWays = (step: Step): Item => (forks(step) ? { step, ways: { yes: [], no: [] } } : { step });

/** The key of the step with which a list begins. */
const entry = (items: readonly Item[], after: string | null): string | null => {
  const first = items[0]?.step;
  if (!first) return after;
  return first.kind === 'goTo' ? first.to : first.key;
};

/** As the API takes them, in the order in which they are shown. */
export function inputOf(items: readonly Item[], after: string | null = null): StepInput[] {
  return items.flatMap(({ step, ways }, index) => {
    if (step.kind === 'goTo') return [];
    const next = entry(items.slice(index + 1), after);
    if (!ways) return [stepInput(step, next, null)];
    return [stepInput(step, entry(ways.yes, next), entry(ways.no, next)), ...inputOf(ways.yes, next), ...inputOf(ways.no, next)];
  });
}

/** All steps, in the order in which they are shown. */
export const flat = (items: readonly Item[]): Step[] =>
  items.flatMap(({ step, ways }) => [step, ...(ways ? [...flat(ways.yes), ...flat(ways.no)] : [])]);

/** Where a step is, or is put: the way of a fork, or the main list; and the index in it. */
export type Place = { list: readonly (readonly [key: string, way: keyof Ways])[]; index: number };

/** Changes the list at a place. */
export function changed(items: readonly Item[], list: Place['list'], change: (items: Item[]) => Item[]): Item[] {
  const [first, ...rest] = list;
  if (!first) return change([...items]);
  const [key, way] = first;
  return items.map((item) =>
    item.step.key === key && item.ways ? { ...item, ways: { ...item.ways, [way]: changed(item.ways[way], rest, change) } } : item);
}

/** Changes one step, wherever it is; a step that forks now gets its two ways, and one that doesn't loses them. */
export const replaced = (items: readonly Item[], step: Step): Item[] =>
  items.map((item) => {
    if (item.step.key === step.key) return forks(step) ? { step, ways: item.ways ?? { yes: [], no: [] } } : { step };
    return item.ways ? { ...item, ways: { yes: replaced(item.ways.yes, step), no: replaced(item.ways.no, step) } } : item;
  });

/** The order of a list with the item at `index` moved by `by`. */
export function moved(items: Item[], index: number, by: -1 | 1): Item[] {
  const [item] = items.splice(index, 1);
  if (item) items.splice(index + by, 0, item);
  return items;
}

/** A key that no step has yet, such as `email_2`. */
export function freshKey(kind: Step['kind'], items: readonly Item[]): string {
  const stem = kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const keys = flat(items).map(({ key }) => key);
  for (let number = 1; ; number += 1) if (!keys.includes(`${stem}_${number}`)) return `${stem}_${number}`;
}
