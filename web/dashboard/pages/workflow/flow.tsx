// The flow, from top to bottom: what starts it, its steps, and the two ways of a fork indented below it.
import type { ComponentChildren } from 'preact';
import { Icon, Marked } from '../../components';
import { number, t } from '../../i18n';
import type { Count } from './documents';
import { wayText } from './describe';
import type { Editing } from './editing';
import type { Problems } from './missing';
import type { Names } from './names';
import { AddStep } from './add_step';
import { StepCard } from './step_card';
import { ends } from './steps';
import type { Item, Place, Ways } from './tree';
import type { Way } from './way';

/** What all parts of a flow share. Without `onEdit`, it is only shown. */
export type Shown = {
  editing: Editing;
  names: Names;
  problems: Problems;
  counts: ReadonlyMap<string, Count>;
  /** The way of one contact through it. */
  way?: Way;
  /** What it says at its end; null: nothing. */
  end?: string | null;
  onEdit?: (what: string) => void;
};

type ListProps = { shown: Shown; items: readonly Item[]; list: Place['list'] };

export const Steps = ({ shown, items, list }: ListProps) => (
  <ol class="flow-steps">
    {items.map((item, index) => (
      <li key={item.step.key} class="flow-item">
        <Between shown={shown} place={{ list, index }} atEnd={false} />
        <StepCard shown={shown} item={item} place={{ list, index }} />
        {item.ways && (
          <div class="flow-ways">
            {(['yes', 'no'] as const).map((name) => <OneWay key={name} shown={shown} item={item} ways={item.ways} name={name} list={list} />)}
          </div>
        )}
      </li>
    ))}
    <End shown={shown} items={items} list={list} />
  </ol>
);

/** How often runs went this way. */
function Took({ shown, item, name }: { shown: Shown; item: Item; name: keyof Ways }) {
  const counted = shown.way ? undefined : shown.counts.get(item.step.key);
  const count = (name === 'yes' ? counted?.matched : counted?.notMatched) ?? 0;
  return count > 0 ? <span class="hint">{t.workflowRuns.took(number(count))}</span> : null;
}

function OneWay({ shown, item, ways, name, list }: { shown: Shown; item: Item; ways: Ways | undefined; name: keyof Ways; list: Place['list'] }) {
  const taken = shown.way?.get(item.step.key)?.branch === name;
  return (
    <section class="flow-way" data-way={name} data-taken={taken || undefined} aria-label={wayText(item.step, name)}>
      <p class="flow-way-name"><Icon name={name === 'yes' ? 'check' : 'close'} />{wayText(item.step, name)}<Took shown={shown} item={item} name={name} /></p>
      <Steps shown={shown} items={ways?.[name] ?? []} list={[...list, [item.step.key, name]]} />
    </section>
  );
}

/** The line between two steps, with a button to add one. */
function Between({ shown, place, atEnd }: { shown: Shown; place: Place; atEnd: boolean }) {
  return <div class="flow-line">{shown.onEdit && <AddStep editing={shown.editing} place={place} atEnd={atEnd} onAdded={shown.onEdit} />}</div>;
}

function End({ shown, items, list }: ListProps) {
  const last = items[items.length - 1];
  if (last && ends(last.step)) return null;
  const end = !items.length && list.length === 0 ? t.workflows.noSteps : list.length > 0 ? t.workflows.goesOnBelow : shown.end === undefined ? t.workflows.end : shown.end;
  return (
    <li class="flow-item flow-end">
      <Between shown={shown} place={{ list, index: items.length }} atEnd />
      {end !== null && <p class="hint">{end}</p>}
    </li>
  );
}

export const Found = ({ problems, place }: { problems: Problems; place: string }): ComponentChildren =>
  problems.get(place)?.map((message) => <p key={message} class="flow-problem"><Icon name="alert" /><span dir="auto"><Marked text={message} /></span></p>);
