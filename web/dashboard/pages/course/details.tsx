import { ApiError, mutate, query } from '../../api';
import { Card, TextField } from '../../components';
import type { Version } from '../../components/content/form';
import { ContentForm, useContentForm } from '../../components/content/form';
import { t } from '../../i18n';
import { hostOf, webAddress } from '../courses/web_address';
import type { Course } from './documents';
import { COURSE, MAX_TITLE, UPDATE_COURSE } from './documents';

type Values = { title: string; description: string; coverUrl: string; externalUrl: string };

const MAX_DESCRIPTION = 10_000;

const versionOf = ({ title, description, coverUrl, externalUrl, updatedAt }: Course): Version<Values> =>
  ({ values: { title, description: description ?? '', coverUrl: coverUrl ?? '', externalUrl: externalUrl ?? '' }, updatedAt });

async function read(id: string): Promise<Version<Values> | null> {
  const { course } = await query(COURSE, { id });
  return course && versionOf(course);
}

/** An emptied field is null. */
const inputOf = ({ title, description, coverUrl, externalUrl }: Partial<Values>) => ({
  ...(title !== undefined && { title: title.trim() }),
  ...(description !== undefined && { description: description.trim() ? description : null }),
  ...(coverUrl !== undefined && { coverUrl: webAddress(coverUrl) || null }),
  ...(externalUrl !== undefined && { externalUrl: webAddress(externalUrl) || null }),
});

async function save(courseId: string, changes: Partial<Values>, expectedUpdatedAt?: string): Promise<void> {
  if (changes.title?.trim() === '') throw new ApiError(t.courses.titleMissing, 'BAD_USER_INPUT', 'input.title');
  await mutate(UPDATE_COURSE, { input: { courseId, expectedUpdatedAt, ...inputOf(changes) } });
}

export function Details({ course }: { course: Course }) {
  const { titleLabel: title, description, coverUrl, externalUrl } = t.courses;
  const form = useContentForm<Values>({
    name: `course.${course.id}`, saved: versionOf(course), labels: { title, description, coverUrl, externalUrl }, read: () => read(course.id),
    save: (changes, expectedUpdatedAt) => save(course.id, changes, expectedUpdatedAt),
  });
  const { values, set, errorOf } = form;
  const cover = webAddress(values.coverUrl);
  const hasModules = course.modules.length > 0;
  return (
    <Card>
      <ContentForm form={form}>
        <TextField label={title} autocomplete="off" maxLength={MAX_TITLE} value={values.title} error={errorOf('title')} onInput={(typed) => set({ title: typed })} />
        <TextField label={description} hint={t.courses.markdownHint} optional multiline={6} maxLength={MAX_DESCRIPTION} value={values.description}
          error={errorOf('description')} onInput={(typed) => set({ description: typed })} />
        <TextField label={coverUrl} optional type="url" autocomplete="off" placeholder="https://" value={values.coverUrl} error={errorOf('coverUrl')}
          hint={cover ? <>{t.courses.coverFrom} <bdi>{hostOf(cover)}</bdi></> : t.courses.coverHint} onInput={(typed) => set({ coverUrl: typed })} />
        <TextField label={externalUrl} optional type="url" autocomplete="off" placeholder="https://" value={values.externalUrl}
          error={errorOf('externalUrl')} disabled={hasModules && !values.externalUrl} hint={hasModules ? t.courses.externalNeedsNone : t.courses.externalHint}
          onInput={(typed) => set({ externalUrl: typed })} />
      </ContentForm>
    </Card>
  );
}
