import type { MenuEntry } from '../../components';
import { Icon, IconButton, Menu, toast } from '../../components';
import { number, t } from '../../i18n';
import { noWriting } from '../workflows/documents';
import { ICON, stepText, wayText } from './describe';
import type { Count } from './documents';
import type { Shown } from './flow';
import { Found } from './flow';
import type { Direction } from './moves';
import { canMove, canMoveOut, forkOf, moveInto, moveOut, moveStep, waysBeside } from './moves';
import type { Item, Place } from './tree';
import { changed, flat } from './tree';
import { WayState } from './way';

type StepCardProps = { shown: Shown; item: Item; place: Place };

export const focusStep = (key: string): void => {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-step="${CSS.escape(key)}"] .flow-open`)?.focus());
};

export function StepCard({ shown, item, place }: StepCardProps) {
  const { step } = item;
  const { editing, names, problems, counts, way, onEdit } = shown;
  const titleOf = (key: string) => {
    const other = flat(editing.values.items).find((each) => each.key === key);
    return other ? `${t.workflows.kind[other.kind]}: ${stepText(other, names, () => '…')}` : key;
  };
  const text = stepText(step, names, titleOf);
  const state = way?.get(step.key);
  return (
    <article class="flow-card" data-step={step.key} data-wrong={problems.has(step.key) || undefined} data-way={way ? (state ? 'on' : 'off') : undefined}>
      <span class="flow-icon" data-kind={step.kind}><Icon name={ICON[step.kind]} /></span>
      <div class="flow-text">
        <h3>{onEdit && step.kind !== 'stop'
          ? <button type="button" class="flow-open" onClick={() => onEdit(step.key)}>{t.workflows.kind[step.kind]}</button>
          : <span class="flow-open" tabIndex={-1}>{t.workflows.kind[step.kind]}</span>}</h3>
        <p dir="auto">{text}</p>
        <Found problems={problems} place={step.key} />
        {state && <WayState state={state} kind={step.kind} />}
        {!way && <Counts count={counts.get(step.key)} />}
      </div>
      {onEdit && <Controls shown={shown} item={item} title={step.kind === 'goTo' || step.kind === 'stop' ? text : `${t.workflows.kind[step.kind]}, ${text}`} place={place} />}
    </article>
  );
}

const Counts = ({ count }: { count: Count | undefined }) => {
  if (!count) return null;
  const parts = (['waiting', 'done', 'skipped', 'failed'] as const).filter((name) => count[name] > 0);
  if (!parts.length) return null;
  return (
    <ul class="flow-counts">
      {parts.map((name) => <li key={name} data-count={name}>{t.workflowRuns.count[name](number(count[name]))}</li>)}
    </ul>
  );
};

type Put = (items: Item[]) => void;

/** Into a way of a fork beside the step, or out of the way that it is in. */
function waysMenu(items: readonly Item[], place: Place, put: Put): MenuEntry[] {
  const disabledReason = noWriting();
  const into = waysBeside(items, place).map((target): MenuEntry => ({
    id: `into.${target.fork.key}.${target.way}`, label: t.workflows.moveInto[target.above ? 'above' : 'below'](wayText(target.fork, target.way)),
    icon: target.way === 'yes' ? 'check' : 'close', disabledReason, onSelect: () => put(moveInto(items, place, target)),
  }));
  const fork = forkOf(items, place);
  const [, way = 'yes'] = place.list[place.list.length - 1] ?? [];
  if (!fork || !canMoveOut(items, place)) return into;
  return [...into, { id: 'out', label: t.workflows.moveOut(wayText(fork, way)), icon: 'arrow-left', disabledReason, onSelect: () => put(moveOut(items, place)) }];
}

type ControlsProps = { shown: Shown; item: Item; title: string; place: Place };

const MOST_TITLE = 80;

/** “Branch” was deleted, with 3 steps in it. */
function deletedText(title: string, { ways }: Item): string {
  const inside = ways ? flat([...ways.yes, ...ways.no]).filter(({ kind }) => kind !== 'goTo').length : 0;
  const all = Array.from(title);
  const short = all.length > MOST_TITLE ? `${all.slice(0, MOST_TITLE).join('')}…` : title;
  return inside ? t.workflows.stepsDeleted(short, inside) : t.workflows.stepDeleted(short);
}

function Controls({ shown, item, title, place }: ControlsProps) {
  const { key, kind } = item.step;
  const { editing, onEdit } = shown;
  const { items } = editing.values;
  const refused = noWriting();
  const put = (next: Item[]) => {
    editing.set({ items: next });
    focusStep(key);
  };
  const move = (by: Direction) => put(moveStep(items, place, by));
  const remove = () => {
    editing.set({ items: changed(items, place.list, (each) => each.filter((_, at) => at !== place.index)) });
    toast({ text: deletedText(title, item), undo: () => Promise.resolve(editing.set({ items })) });
    document.querySelector<HTMLElement>('.flow-heading')?.focus();
  };
  const reason = (by: Direction) => refused ?? (canMove(items, place, by) ? undefined : t.workflows.cantMove);
  return (
    <div class="flow-controls">
      <span class="flow-moves">
        <IconButton icon="chevron-up" label={t.workflows.moveUp(title)} disabledReason={reason(-1)} onClick={() => move(-1)} />
        <IconButton icon="chevron-down" label={t.workflows.moveDown(title)} disabledReason={reason(1)} onClick={() => move(1)} />
      </span>
      <Menu label={t.workflows.actionsOf(title)} items={[
        ...(kind === 'stop' ? [] : [{ id: 'edit', label: t.common.edit, icon: 'edit' as const, onSelect: () => onEdit?.(key) }]),
        { id: 'up', label: t.workflows.up, icon: 'chevron-up', disabledReason: reason(-1), onSelect: () => move(-1) },
        { id: 'down', label: t.workflows.down, icon: 'chevron-down', disabledReason: reason(1), onSelect: () => move(1) },
        ...waysMenu(items, place, put),
        { id: 'delete', label: t.workflows.deleteStep, icon: 'trash', danger: true, disabledReason: refused, onSelect: remove },
      ]} />
    </div>
  );
}
