// Publishing, archiving and taking back. What closes or opens the course to contacts is asked first, everything can be undone.
import { useState } from 'preact/hooks';
import { errorText, mutate } from '../../api';
import type { MenuEntry } from '../../components';
import { Button, Confirm, Menu, toast } from '../../components';
import { t } from '../../i18n';
import type { ContentStatus } from '../courses/documents';
import type { Course } from './documents';
import { ARCHIVE_COURSE, UPDATE_COURSE } from './documents';
import { noRole } from './header';

async function change({ id: courseId }: Course, status: ContentStatus): Promise<void> {
  if (status === 'ARCHIVED') await mutate(ARCHIVE_COURSE, { input: { courseId } });
  else await mutate(UPDATE_COURSE, { input: { courseId, status } });
}

/** What contacts notice, if they notice anything. */
function consequence({ status: from, externalUrl, lessonCount, memberCount }: Course, to: ContentStatus): string | null {
  const members = memberCount ?? 0;
  if (to === 'PUBLISHED') {
    if (!externalUrl && lessonCount === 0) return t.courses.publishEmpty;
    return members > 0 ? t.courses.publishOpens(members) : null;
  }
  return from === 'PUBLISHED' ? t.courses.closes(members) : null;
}

export function StatusActions({ course, reload }: { course: Course; reload: () => void }) {
  const [asked, setAsked] = useState<ContentStatus | null>(null);
  const [busy, setBusy] = useState(false);
  const words = t.courses.statusAction;
  const apply = async (to: ContentStatus) => {
    const before = course.status;
    await change(course, to);
    toast({ text: t.courses.statusDone[to], undo: () => change(course, before).then(reload) });
    reload();
  };
  const start = async (to: ContentStatus) => {
    if (consequence(course, to)) return setAsked(to);
    setBusy(true);
    await apply(to).catch((error: unknown) => toast({ text: errorText(error), tone: 'bad' }));
    setBusy(false);
  };
  const main: ContentStatus = course.status === 'DRAFT' ? 'PUBLISHED' : 'DRAFT';
  const other: ContentStatus = course.status === 'ARCHIVED' ? 'PUBLISHED' : 'ARCHIVED';
  const refused = noRole();
  const items: MenuEntry[] = [{
    id: other, label: words[other], icon: other === 'ARCHIVED' ? 'archive' : 'check', ...(refused && { disabledReason: refused }),
    onSelect: () => start(other),
  }];
  const label = course.status === 'ARCHIVED' ? t.courses.restore : words[main];
  return (
    <>
      <Button kind={course.status === 'DRAFT' ? 'primary' : 'quiet'} icon={main === 'PUBLISHED' ? 'check' : 'undo'} busy={busy} disabledReason={refused}
        onClick={() => void start(main)}>{label}</Button>
      <Menu label={t.courses.more} items={items} />
      <Confirm open={asked !== null} onClose={() => setAsked(null)} title={asked ? t.courses.statusTitle[asked] : ''}
        action={asked ? words[asked] : ''} danger={asked === 'ARCHIVED'} onConfirm={() => apply(asked ?? course.status)}>
        <p>{asked && consequence(course, asked)}</p>
      </Confirm>
    </>
  );
}
