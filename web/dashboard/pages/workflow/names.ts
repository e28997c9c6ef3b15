// The names of what steps and triggers are about.
import type { Names } from '../smart_list/words';
import { idsOf as idsOfConditions, useNames as useNamesOf } from '../smart_list/words';
import type { Values } from './editing';
import { flat } from './tree';

export type { Names } from '../smart_list/words';

const idsOf = ({ triggers, items }: Values): string[] => [
  ...triggers.flatMap(({ targetIds }) => targetIds),
  ...flat(items).flatMap((step) => {
    if ('templateId' in step) return [step.templateId];
    if ('target' in step) return [step.target];
    if (step.kind === 'wait' && step.wait.form === 'event') return step.wait.event.targetIds;
    return step.kind === 'branch' ? idsOfConditions(step.condition) : [];
  }),
];

export const useNames = (values: Values): Names => useNamesOf(idsOf(values));
