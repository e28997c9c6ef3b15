import { useEffect, useRef } from 'preact/hooks';
import { Banner, Button, Card, ErrorNotice, IconButton } from '../../components';
import { t } from '../../i18n';
import { noSaving } from '../smart_lists/documents';
import { AddCondition } from './add_condition';
import type { ConditionName } from './conditions';
import { conditionOf } from './conditions';
import { Control } from './control';
import type { Editing } from './editing';
import { errorAt } from './editing';

type BuilderProps = {
  editing: Editing;
  isNew: boolean;
  tags: readonly string[];
  /** How many contacts meet the conditions; undefined while they are counted. */
  count: number | undefined;
  /** Why the contacts can't be read. */
  reading: unknown;
  onSaveAs: () => void;
};

const FIELD = ':is(input, select, textarea):not([disabled])';

export function Builder(props: BuilderProps) {
  const { editing, isNew, tags, count, reading, onSaveAs } = props;
  const { conditions, unfinished, added } = editing;
  const rows = useRef<HTMLFormElement>(null);
  const names = Object.keys(conditions) as ConditionName[];
  const focus = (selector: string) => rows.current?.querySelector<HTMLElement>(selector)?.focus();
  useEffect(() => {
    if (added) focus(`[data-condition="${added}"] ${FIELD}`);
  }, [added]);
  useEffect(() => {
    if (unfinished[0]) focus(`[data-condition="${unfinished[0]}"] ${FIELD}`);
  }, [unfinished.join()]);
  const remove = (name: ConditionName) => {
    editing.remove(name);
    requestAnimationFrame(() => focus('.condition-add'));
  };
  return (
    <Card title={t.smartLists.conditions}>
      <form ref={rows} class="smart-list-builder" noValidate onSubmit={(event) => {
        event.preventDefault();
        if (isNew) onSaveAs();
        else void editing.save();
      }}>
        <p class="hint">{names.length ? t.smartLists.allMet : t.smartLists.everyone}</p>
        {names.length > 0 && (
          <ul class="conditions">
            {names.map((name) => (
              <li key={name} class="condition" data-condition={name}>
                <Control name={name} value={conditions[name] ?? null} tags={tags} error={errorAt(name, editing, reading)}
                  onChange={(value) => editing.set(name, value)} />
                <IconButton icon="close" label={t.components.remove(t.smartLists.condition[name])} onClick={() => remove(name)} />
              </li>
            ))}
          </ul>
        )}
        <div><AddCondition conditions={conditions} onAdd={editing.add} /></div>
        <p class="smart-list-count" role="status">{count === undefined ? ' ' : t.contacts.matching(count)}</p>
        {editing.error !== undefined && !conditionOf(editing.error) && <ErrorNotice error={editing.error} />}
        <Foot {...props} />
      </form>
    </Card>
  );
}

function Foot({ editing, isNew, onSaveAs }: BuilderProps) {
  const reason = noSaving();
  if (!isNew && !editing.dirty) return null;
  return (
    <>
      {!isNew && <Banner tone="info">{t.access.unsaved}</Banner>}
      <div class="actions">
        <Button type="submit" busy={editing.busy} disabledReason={reason}>{isNew ? t.smartLists.saveNew : t.common.save}</Button>
        {!isNew && <Button kind="quiet" disabledReason={reason} onClick={onSaveAs}>{t.smartLists.saveAs}</Button>}
        {editing.dirty && <Button kind="quiet" onClick={editing.discard}>{t.access.discard}</Button>}
      </div>
    </>
  );
}
