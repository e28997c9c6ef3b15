// What starts the workflow, above its steps.
import { Button, Icon, IconButton } from '../../components';
import { t } from '../../i18n';
import { noWriting } from '../workflows/documents';
import { emptyRule, ruleText } from '../workflows/triggers';
import type { Shown } from './flow';
import { Found } from './flow';

const MOST = 20;

export function Triggers({ shown: { editing, names, problems, onEdit } }: { shown: Shown }) {
  const { triggers } = editing.values;
  const remove = (index: number) => {
    editing.set({ triggers: triggers.filter((_, at) => at !== index) });
    document.querySelector<HTMLElement>('.flow-add-trigger')?.focus();
  };
  const add = () => {
    editing.set({ triggers: [...triggers, emptyRule('OFFER_ACCESS_GRANTED')] });
    onEdit?.(`trigger.${triggers.length}`);
  };
  return (
    <section class="flow-triggers" aria-label={t.workflows.startsWhen}>
      <h2 class="flow-heading" tabIndex={-1}>{triggers.length > 1 ? t.workflows.startsWhenAny : t.workflows.startsWhen}</h2>
      {!triggers.length && <p class="hint">{t.workflows.noTriggerHint}</p>}
      <ul>
        {triggers.map((rule, index) => {
          const text = ruleText(rule, names);
          const place = `trigger.${index}`;
          return (
            <li key={index} class="flow-card" data-wrong={problems.has(place) || undefined}>
              <span class="flow-icon" data-kind="trigger"><Icon name="play" /></span>
              <div class="flow-text">
                {onEdit ? <button type="button" class="flow-open" onClick={() => onEdit(place)}>{text}</button> : <span class="flow-open">{text}</span>}
                <Found problems={problems} place={place} />
              </div>
              {onEdit && <div class="flow-controls"><IconButton icon="close" label={t.components.remove(text)} disabledReason={noWriting()} onClick={() => remove(index)} /></div>}
            </li>
          );
        })}
      </ul>
      {onEdit && triggers.length < MOST && <Button kind="quiet" size="small" icon="plus" class="flow-add-trigger" disabledReason={noWriting()} onClick={add}>{t.workflows.addTrigger}</Button>}
    </section>
  );
}
