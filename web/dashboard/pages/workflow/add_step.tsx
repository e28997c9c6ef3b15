import { Icon, Popover } from '../../components';
import { t } from '../../i18n';
import { noWriting } from '../workflows/documents';
import { ICON } from './describe';
import type { Editing } from './editing';
import type { Kind } from './steps';
import { KINDS, KIND_GROUPS, emptyStep } from './steps';
import type { Place } from './tree';
import { changed, flat, freshKey, withWays } from './tree';

type AddStepProps = { editing: Editing; place: Place; atEnd: boolean; onAdded: (key: string) => void };

const MOST = 100;

/** The arrow keys go through the kinds, as in a menu. */
function walk(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.findIndex((button) => button === document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length]?.focus();
}

/** Nothing can follow an end, and a jump needs a step to lead to. */
const offered = (kind: Kind, atEnd: boolean, count: number): boolean =>
  (kind !== 'stop' && kind !== 'goTo') || (atEnd && (kind === 'stop' || count > 1));

export function AddStep({ editing, place, atEnd, onAdded }: AddStepProps) {
  const { items } = editing.values;
  const count = flat(items).length;
  if (noWriting() || count >= MOST) return null;
  const add = (kind: Kind, button: HTMLElement) => {
    button.closest<HTMLElement>('[popover]')?.hidePopover();
    const step = emptyStep(kind, freshKey(kind, items));
    editing.set({ items: changed(items, place.list, (each) => each.toSpliced(place.index, 0, withWays(step))) });
    if (kind !== 'stop') onAdded(step.key);
  };
  return (
    <Popover label={t.workflows.addStep} trigger={(props) => (
      <button {...props} class={atEnd ? 'button quiet small flow-add' : 'button plain small icon-button flow-add'} title={atEnd ? undefined : t.workflows.addStep}>
        <Icon name="plus" /><span class={atEnd ? undefined : 'unseen'}>{t.workflows.addStep}</span>
      </button>
    )}>
      <div class="condition-choices" onKeyDown={walk}>
        {KIND_GROUPS.map((group) => (
          <section key={group} aria-label={t.workflows.kindGroup[group]}>
            <h3>{t.workflows.kindGroup[group]}</h3>
            {KINDS[group].filter((kind: Kind) => offered(kind, atEnd, count)).map((kind: Kind) => (
              <button key={kind} type="button" class="condition-choice flow-choice" onClick={(event) => add(kind, event.currentTarget)}>
                <Icon name={ICON[kind]} />{t.workflows.kind[kind]}
              </button>
            ))}
          </section>
        ))}
      </div>
    </Popover>
  );
}
