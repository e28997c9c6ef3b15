import { useState } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { ApiError, graphql, mutate } from '../../api';
import { toast } from '../../components';
import { forgetDraft, useDraft } from '../../draft';
import { t } from '../../i18n';

export const SETTINGS = graphql(`
  query Settings {
    portal {
      id slug url formerSlugs
      settings {
        name timezone accentColor linkAllowed codeAllowed passwordAllowed googleAllowed shortestPassword
        invitationDays limitCopiedLinks replyTo auditDays language sections showEmptySections
        logoUrl logoImageUrl secondaryColor selfSignUp affiliateTargetUrl
      }
    }
  }
`);

const UPDATE = graphql(`
  mutation UpdateSettings($input: UpdatePortalSettingsInput!) {
    updatePortalSettings(input: $input) {
      portal {
        id name timezone accentColor invitationDays limitCopiedLinks replyTo
        settings {
          name timezone accentColor linkAllowed codeAllowed passwordAllowed googleAllowed shortestPassword
          invitationDays limitCopiedLinks replyTo auditDays language sections showEmptySections
          logoUrl logoImageUrl secondaryColor selfSignUp affiliateTargetUrl
        }
      }
    }
  }
`);

export type Settings = Omit<ResultOf<typeof SETTINGS>['portal']['settings'], '__typename'>;
/** What is chosen: not the picture that the server makes of a logo. */
export type SettingName = Exclude<keyof Settings, 'logoImageUrl'>;
type Changes = Partial<Pick<Settings, SettingName>>;
export type Portal = ResultOf<typeof SETTINGS>['portal'];

const send = (changes: Changes) => mutate(UPDATE, { input: changes });

function pick<Name extends SettingName>(from: Changes, names: readonly Name[]): Pick<Settings, Name> {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]])) as Pick<Settings, Name>;
}

/** Lists are compared by what they hold. */
const differs = (one: unknown, other: unknown) => JSON.stringify(one) !== JSON.stringify(other);

/** The settings of one section as they are being changed. */
export type SettingsForm<Name extends SettingName> = {
  values: Pick<Settings, Name>;
  set: (change: Partial<Pick<Settings, Name>>) => void;
  changed: boolean;
  /** Another member changed a value that is being changed here. */
  conflict: boolean;
  busy: boolean;
  error: (name: Name) => string | undefined;
  /** What went wrong, if it isn't about a field of this section. */
  failure: unknown;
  save: () => Promise<void>;
  discard: () => void;
};

/** Only what was changed here is kept and sent: what others change meanwhile stays theirs. `cleaned` is what is sent. */
export function useSettings<Name extends SettingName>(
  section: string,
  title: string,
  settings: Settings,
  names: readonly Name[],
  cleaned: (changes: Partial<Pick<Settings, Name>>) => Partial<Pick<Settings, Name>> = (changes) => changes,
): SettingsForm<Name> {
  const draft = useDraft<Changes>(`settings.${section}`, {});
  // The values that were there when they were first changed here.
  const before = useDraft<Changes>(`settings.${section}.before`, {});
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const changed = names.filter((name) => name in draft.value && differs(draft.value[name], settings[name]));
  const wrong = failed instanceof ApiError ? names.find((name) => name === failed.input) : undefined;

  const clear = () => {
    draft.value = {};
    before.value = {};
    forgetDraft(`settings.${section}`);
    forgetDraft(`settings.${section}.before`);
    setFailed(undefined);
  };
  const save = async () => {
    if (busy || !changed.length) return;
    setBusy(true);
    setFailed(undefined);
    const old = pick(settings, changed);
    try {
      await send(cleaned(pick(draft.value, changed)));
      clear();
      toast({ text: t.settings.saved(title), undo: () => send(old).then(() => toast({ text: t.settings.undone(title) })) });
    } catch (failure) {
      setFailed(failure);
    } finally {
      setBusy(false);
    }
  };
  return {
    values: { ...pick(settings, names), ...pick(draft.value, names) },
    set: (change) => {
      before.value = { ...pick(settings, Object.keys(change) as Name[]), ...before.value };
      draft.value = { ...draft.value, ...change };
      if (!wrong || wrong in change) setFailed(undefined);
    },
    changed: changed.length > 0,
    conflict: !busy && changed.some((name) => name in before.value && differs(before.value[name], settings[name])),
    busy,
    error: (name) => (name === wrong && failed instanceof ApiError ? failed.message : undefined),
    failure: wrong ? undefined : failed,
    save,
    discard: clear,
  };
}
