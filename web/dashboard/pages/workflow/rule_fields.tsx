// What has to happen: a trigger, and what limits it.
import { useMemo } from 'preact/hooks';
import { Field, TextField } from '../../components';
import { ItemPicker } from '../../components/content/item_picker';
import type { ContentStatus } from '../../components/content/items';
import { t } from '../../i18n';
import { TagsField } from '../contact/tags_field';
import { useTags } from '../contacts/filters';
import type { Rule, Trigger } from '../workflows/documents';
import { ruleMissing } from './missing';
import { TRIGGER_GROUPS, TRIGGER_GROUP_NAMES, emptyRule, hasTags, isTimed, targetsOf } from '../workflows/triggers';

type RuleFieldsProps = {
  rule: Rule;
  onChange: (rule: Rule) => void;
  /** It starts the workflow: a wait can't be for a timed one. */
  starts?: boolean;
};

const STATUSES: readonly ContentStatus[] = ['PUBLISHED', 'DRAFT'];

export function RuleFields({ rule, onChange, starts }: RuleFieldsProps) {
  const kind = targetsOf(rule.trigger);
  return (
    <>
      <TriggerField rule={rule} onChange={onChange} starts={starts} />
      {kind && (
        <ItemPicker key={rule.trigger} kind={kind} label={t.workflows.only[kind]} hint={t.workflows.onlyHint} optional statuses={STATUSES} value={rule.targetIds}
          onChange={(targetIds) => onChange({ ...rule, targetIds })} />
      )}
      {hasTags(rule.trigger) && <Tags rule={rule} onChange={onChange} />}
      {isTimed(rule.trigger) && (
        <TextField type="number" label={t.workflows.days} value={rule.days === null ? '' : String(rule.days)} error={ruleMissing(rule)}
          onInput={(text) => onChange({ ...rule, days: text === '' ? null : Number(text) })} />
      )}
    </>
  );
}

const TriggerField = ({ rule, onChange, starts }: RuleFieldsProps) => (
  <Field label={starts ? t.workflows.startsWhen : t.workflows.until} hint={starts ? undefined : t.workflows.untilHint}>
    {(props) => (
      <select {...props} value={rule.trigger} onChange={(event) => onChange(emptyRule(event.currentTarget.value as Trigger))}>
        {TRIGGER_GROUP_NAMES.map((group) => (
          <optgroup key={group} label={t.workflows.triggerGroup[group]}>
            {TRIGGER_GROUPS[group].filter((trigger) => starts ?? !isTimed(trigger)).map((trigger) => <option key={trigger} value={trigger}>{t.workflows.trigger[trigger]}</option>)}
          </optgroup>
        ))}
      </select>
    )}
  </Field>
);

function Tags({ rule, onChange }: RuleFieldsProps) {
  const known = useTags().tags;
  const names = useMemo(() => known.map(({ tag }) => tag), [known]);
  return <TagsField label={t.workflows.onlyTags} optional value={rule.tags} suggestions={names} onChange={(tags) => onChange({ ...rule, tags })} />;
}
