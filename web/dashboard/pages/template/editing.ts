// What is typed, kept in the tab until it is saved; and who wins if another person saved meanwhile.
import { useState } from 'preact/hooks';
import { ApiError, mutate } from '../../api';
import { toast } from '../../components';
import type { Content } from '../../components/message_editor/documents';
import { EMPTY } from '../../components/message_editor/documents';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';
import { link, navigate, params } from '../../router';
import type { Channel } from '../templates/documents';
import { CHANNELS } from '../templates/documents';
import type { Template } from './documents';
import { CREATE, UPDATE } from './documents';

export type Values = Content & { name: string };

type Draft = {
  /** The version that was changed. */
  version: number;
  values: Partial<Values>;
};

export type Editing = {
  channel: Channel;
  values: Values;
  set: (changes: Partial<Values>) => void;
  dirty: boolean;
  busy: boolean;
  /** Another person saved since. */
  outdated: boolean;
  error: unknown;
  errorOf: (field: keyof Values) => string | undefined;
  save: () => Promise<void>;
  discard: () => void;
  /** Saves on top of what the other person saved. */
  keepMine: () => void;
};

export const chosenChannel = (): Channel => CHANNELS.find((name) => name === params.value.get('channel')) ?? 'EMAIL';

const valuesOf = ({ name, format, subject, body, text }: Template): Values => ({ name, format, subject: subject ?? '', body, text: text ?? '' });

const differing = (values: Values, saved: Values): Partial<Values> =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => saved[name as keyof Values] !== value));

const inputOf = ({ name, format, subject, body, text }: Partial<Values>, channel: Channel) => ({
  ...(name !== undefined && { name: name.trim() }),
  ...(format && { format }),
  ...(subject !== undefined && channel === 'EMAIL' && { subject }),
  ...(body !== undefined && { body }),
  ...(text !== undefined && channel === 'EMAIL' && { text: text.trim() ? text : null }),
});

/** `reload` reads what another person saved. */
export function useEditing(template: Template | null, reload: () => void): Editing {
  const channel = template?.channel ?? chosenChannel();
  const draftName = `template.${template?.id ?? `new.${channel}`}`;
  const draft = useDraft<Draft | null>(draftName, null);
  const [state, setState] = useState<{ busy: boolean; error?: unknown }>({ busy: false });
  const saved = template ? valuesOf(template) : { name: '', ...EMPTY[channel] };
  const values = { ...saved, ...draft.value?.values };
  const version = template?.version ?? 0;
  const set = (changes: Partial<Values>) => {
    const next = differing({ ...values, ...changes }, saved);
    draft.value = Object.keys(next).length ? { version: draft.value?.version ?? version, values: next } : null;
    setState(({ busy }) => ({ busy }));
  };
  const discard = () => {
    draft.value = null;
    forgetDraft(draftName);
    setState({ busy: false });
  };
  const write = async () => {
    if (template) {
      await mutate(UPDATE, { input: { templateId: template.id, expectedVersion: draft.value?.version ?? version, ...inputOf(differing(values, saved), channel) } });
      return template.id;
    }
    const { createTemplate } = await mutate(CREATE, { input: { channel, ...inputOf(values, channel), name: values.name.trim(), format: values.format, body: values.body } });
    return createTemplate?.template.id ?? '';
  };
  const save = async () => {
    if (state.busy) return;
    if (!values.name.trim()) return setState({ busy: false, error: new ApiError(t.templates.nameMissing, 'BAD_USER_INPUT', 'input.name') });
    setState({ busy: true });
    try {
      const id = await write();
      discard();
      toast({ text: t.common.saved });
      if (!template) navigate(link(`templates/${id}`), { replace: true });
    } catch (error) {
      const meanwhile = error instanceof ApiError && error.code === 'CONFLICT' && error.input !== 'name';
      if (meanwhile) reload();
      setState({ busy: false, ...(!meanwhile && { error }) });
    }
  };
  const input = state.error instanceof ApiError ? state.error.input : undefined;
  return {
    channel, values, set, save, discard, dirty: draft.value !== null, ...state,
    outdated: draft.value !== null && draft.value.version !== version,
    error: input && input in values ? undefined : state.error,
    errorOf: (field) => (input === field && state.error instanceof Error ? state.error.message : undefined),
    keepMine: () => {
      if (draft.value) draft.value = { ...draft.value, version };
      setState({ busy: false });
    },
  };
}
