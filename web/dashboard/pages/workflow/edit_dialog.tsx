// Editing a step or a trigger: what is changed is in the draft at once.
import { useMemo, useRef } from 'preact/hooks';
import { Button, Dialog, Icon, Marked, SelectField } from '../../components';
import { ItemPicker } from '../../components/content/item_picker';
import type { ContentStatus, ItemKind } from '../../components/content/items';
import { t } from '../../i18n';
import { TagsField } from '../contact/tags_field';
import { useTags } from '../contacts/filters';
import { BranchFields } from './branch_fields';
import { stepText } from './describe';
import type { Editing } from './editing';
import type { Problems } from './missing';
import { ruleMissing, stepMissing } from './missing';
import type { Names } from './names';
import { RuleFields } from './rule_fields';
import type { Keep, KeepRef } from './send_fields';
import { SendFields } from './send_fields';
import type { Step } from './steps';
import { flat, replaced } from './tree';
import { WaitFields } from './wait_fields';

type EditDialogProps = {
  /** The key of a step, or `trigger.2`. */
  what: string;
  editing: Editing;
  names: Names;
  problems: Problems;
  onClose: () => void;
};

export function EditDialog({ what, editing, names, problems, onClose }: EditDialogProps) {
  const { triggers, items } = editing.values;
  const index = what.startsWith('trigger.') ? Number(what.slice(8)) : -1;
  const rule = triggers[index];
  const step = flat(items).find(({ key }) => key === what);
  if (!rule && !step) return null;
  // Keeps a message that is being written; false if it can't be kept.
  const keep = useRef<Keep | null>(null);
  const done = async () => {
    const wrong = document.querySelector<HTMLElement>('dialog[open] :is([data-kind="wait"], [data-kind="trigger"]) [aria-invalid="true"]');
    if (wrong) return wrong.focus();
    if (!keep.current || (await keep.current())) onClose();
  };
  // Said at the field.
  const beside = step?.kind === 'wait' && step.wait.form !== 'until' && step.wait.form !== 'untilTime' ? stepMissing(step) : rule && ruleMissing(rule);
  const wide = step?.kind === 'sendEmail' || step?.kind === 'sendSms';
  return (
    <Dialog open onClose={onClose} dirty title={step ? t.workflows.kind[step.kind] : t.workflows.triggerTitle} size={wide ? 'wide' : 'normal'} form={{ onSubmit: done }}
      footer={<Button type="submit">{t.workflows.done}</Button>}>
      <div class="flow-fields" data-kind={step?.kind ?? 'trigger'}>
        {problems.get(what)?.filter((message) => message !== beside).map((message) => <p key={message} class="flow-problem" role="alert"><Icon name="alert" /><span dir="auto"><Marked text={message} /></span></p>)}
        {rule && <RuleFields rule={rule} starts onChange={(next) => editing.set({ triggers: triggers.map((each, at) => (at === index ? next : each)) })} />}
        {step && <StepFields step={step} editing={editing} names={names} keep={keep} />}
      </div>
    </Dialog>
  );
}

function StepFields({ step, editing, names, keep }: { step: Step; editing: Editing; names: Names; keep: KeepRef }) {
  const set = (next: Step) => editing.set({ items: replaced(editing.values.items, next) });
  switch (step.kind) {
    case 'sendEmail': case 'sendSms': return <SendFields step={step} editing={editing} names={names} keep={keep} onChange={set} />;
    case 'wait': return <WaitFields wait={step.wait} onChange={(wait) => set({ ...step, wait })} />;
    case 'branch': return <BranchFields conditions={step.condition} onChange={(condition) => set({ ...step, condition })} />;
    case 'addTags': case 'removeTags': return <TagFields tags={step.tags} onChange={(tags) => set({ ...step, tags })} />;
    case 'goTo': return <GoToFields step={step} editing={editing} names={names} onChange={(to) => set({ ...step, to })} />;
    case 'stop': return null;
    default: return <TargetFields kind={step.kind} target={step.target} onChange={(target) => set({ ...step, target })} />;
  }
}

function TagFields({ tags, onChange }: { tags: string[]; onChange: (tags: string[]) => void }) {
  const known = useTags().tags;
  const names = useMemo(() => known.map(({ tag }) => tag), [known]);
  return <TagsField label={t.contact.tags} value={tags} suggestions={names} onChange={onChange} />;
}

const TARGET_KINDS = { grantOffer: 'offer', revokeOffer: 'offer', assignCourse: 'course', addToCommunity: 'community' } as const satisfies Record<string, ItemKind>;

/** An archived item can't be granted. */
const USABLE: readonly ContentStatus[] = ['PUBLISHED', 'DRAFT'];

const TargetFields = ({ kind, target, onChange }: { kind: keyof typeof TARGET_KINDS; target: string; onChange: (target: string) => void }) => (
  <ItemPicker kind={TARGET_KINDS[kind]} label={t.workflows.target[kind]} single statuses={USABLE} value={target ? [target] : []} onChange={([id = '']) => onChange(id)} />
);

type GoToProps = { step: Extract<Step, { kind: 'goTo' }>; editing: Editing; names: Names; onChange: (to: string | null) => void };

function GoToFields({ step, editing, names, onChange }: GoToProps) {
  const others = flat(editing.values.items).filter(({ kind }) => kind !== 'goTo');
  return (
    <SelectField label={t.workflows.goesOnLabel} hint={t.workflows.goesOnHint} value={step.to ?? ''} onChange={(to) => onChange(to === '' ? null : to)} options={[
      { value: '', label: t.workflows.stopText },
      ...others.map((each) => ({ value: each.key, label: `${t.workflows.kind[each.kind]}: ${stepText(each, names, () => '…')}` })),
    ]} />
  );
}
