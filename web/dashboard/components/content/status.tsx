// Whether contacts can use a course, community or offer, and the buttons that change it.
import { useState } from 'preact/hooks';
import { boot, may } from '../../api/boot';
import { errorText } from '../../api/error';
import { t } from '../../i18n';
import { Button } from '../button';
import { Confirm } from '../confirm';
import type { Tone } from '../labels';
import { Status } from '../labels';
import type { MenuEntry } from '../menu';
import { Menu } from '../menu';
import { toast } from '../toaster';
import type { ContentStatus } from './items';

const TONES: Record<ContentStatus, Tone> = { DRAFT: 'none', PUBLISHED: 'good', ARCHIVED: 'warn' };

export const STATUSES: readonly ContentStatus[] = ['DRAFT', 'PUBLISHED', 'ARCHIVED'];

export const ContentStatusPill = ({ status }: { status: ContentStatus }) => (
  <Status tone={TONES[status]}>{t.words.contentStatus[status]}</Status>
);

/** Why this member can't write content. */
export const noContent = (): string | undefined => (may('CONTENT') ? undefined : t.common.noRole(t.words.role[boot.role]));

/** Why this member can't grant and revoke. */
export const noGranting = (): string | undefined => (may('CONTACTS') ? undefined : t.common.noRole(t.words.role[boot.role]));

type StatusActionsProps = {
  status: ContentStatus;
  title: string;
  /** What contacts notice of a change, which is then asked about first; null if they notice nothing. */
  consequence: (to: ContentStatus) => string | null;
  /** Why it can't be published yet. */
  unready?: string | undefined;
  onChange: (status: ContentStatus) => Promise<unknown>;
};

const titleOf = (to: ContentStatus, title: string): string =>
  ({ DRAFT: t.access.draftTitle, PUBLISHED: t.access.publishTitle, ARCHIVED: t.access.archiveTitle })[to](title);

const actionOf = (to: ContentStatus): string => ({ DRAFT: t.access.toDraft, PUBLISHED: t.access.publish, ARCHIVED: t.access.archive })[to];

export function StatusActions({ status, title, consequence, unready, onChange }: StatusActionsProps) {
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState<ContentStatus | null>(null);
  const change = async (next: ContentStatus) => {
    await onChange(next);
    toast({ text: t.access.became[next](title), undo: () => onChange(status).then(() => undefined) });
  };
  const press = (next: ContentStatus) => {
    if (consequence(next)) return setAsked(next);
    setBusy(true);
    change(next).catch((error: unknown) => toast({ text: errorText(error), tone: 'bad' })).finally(() => setBusy(false));
  };
  const refused = noContent();
  const entries: MenuEntry[] = [
    ...(status === 'DRAFT' ? [] : [{ id: 'draft', label: t.access.toDraft, icon: 'undo' as const, disabledReason: refused, onSelect: () => press('DRAFT') }]),
    ...(status === 'ARCHIVED' ? [] : [{ id: 'archive', label: t.access.archive, icon: 'archive' as const, danger: true, disabledReason: refused, onSelect: () => press('ARCHIVED') }]),
  ];
  return (
    <>
      {status !== 'PUBLISHED' && <Button busy={busy} disabledReason={refused ?? unready} onClick={() => press('PUBLISHED')}>{t.access.publish}</Button>}
      <Menu label={t.access.statusMenu} items={entries} />
      <Confirm open={asked !== null} onClose={() => setAsked(null)} title={asked ? titleOf(asked, title) : ''} action={asked ? actionOf(asked) : ''}
        danger={asked === 'ARCHIVED'} onConfirm={() => change(asked ?? status)}>
        <p>{asked && consequence(asked)}</p>
      </Confirm>
    </>
  );
}
