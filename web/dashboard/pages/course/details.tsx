import { useEffect, useRef } from 'preact/hooks';
import { mutate, query } from '../../api';
import { Card, TextField } from '../../components';
import { t } from '../../i18n';
import { hostOf, webAddress } from '../courses/web_address';
import type { Course } from './documents';
import { COURSE, MAX_TITLE, UPDATE_COURSE } from './documents';
import type { Editing } from './editing';
import { useEditing } from './editing';
import { FormFoot } from './form_foot';

type Fields = { title: string; description: string; coverUrl: string; externalUrl: string };

const MAX_DESCRIPTION = 10_000;

const fieldsOf = ({ title, description, coverUrl, externalUrl }: Pick<Course, keyof Fields>): Fields =>
  ({ title, description: description ?? '', coverUrl: coverUrl ?? '', externalUrl: externalUrl ?? '' });

const normal = ({ title, description, coverUrl, externalUrl }: Fields): Fields =>
  ({ title: title.trim(), description, coverUrl: webAddress(coverUrl), externalUrl: webAddress(externalUrl) });

async function save(courseId: string, values: Fields, changed: (keyof Fields)[]): Promise<void> {
  const changes = Object.fromEntries(changed.map((name) => [name, values[name] || null]));
  await mutate(UPDATE_COURSE, { input: { ...changes, courseId } });
}

async function read(id: string): Promise<Fields | null> {
  const { course } = await query(COURSE, { id });
  return course && fieldsOf(course);
}

function CourseFields({ course, form }: { course: Course; form: Editing<Fields> }) {
  const { values, errors, set } = form;
  const cover = webAddress(values.coverUrl);
  const hasModules = course.modules.length > 0;
  return (
    <>
      <TextField label={t.courses.titleLabel} autocomplete="off" maxLength={MAX_TITLE} value={values.title} error={errors.title}
        onInput={(title) => set({ title })} />
      <TextField label={t.courses.description} hint={t.courses.markdownHint} optional multiline={6} maxLength={MAX_DESCRIPTION} value={values.description}
        error={errors.description} onInput={(description) => set({ description })} />
      <TextField label={t.courses.coverUrl} optional type="url" autocomplete="off" placeholder="https://" value={values.coverUrl} error={errors.coverUrl}
        hint={cover ? <>{t.courses.coverFrom} <bdi>{hostOf(cover)}</bdi></> : t.courses.coverHint} onInput={(coverUrl) => set({ coverUrl })} />
      <TextField label={t.courses.externalUrl} optional type="url" autocomplete="off" placeholder="https://" value={values.externalUrl}
        error={errors.externalUrl} disabled={hasModules && !values.externalUrl} hint={hasModules ? t.courses.externalNeedsNone : t.courses.externalHint}
        onInput={(externalUrl) => set({ externalUrl })} />
    </>
  );
}

export function Details({ course }: { course: Course }) {
  const fields = useRef<HTMLFormElement>(null);
  const form = useEditing<Fields>({
    name: `course.${course.id}`, saved: fieldsOf(course), read: () => read(course.id), save: (values, changed) => save(course.id, values, changed),
    normal, check: ({ title }) => (title ? null : { title: t.courses.titleMissing }),
  });
  useEffect(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [form.errors]);
  const { titleLabel: title, description, coverUrl, externalUrl } = t.courses;
  return (
    <Card>
      <form ref={fields} noValidate onSubmit={(event) => { event.preventDefault(); void form.submit(); }}>
        <CourseFields course={course} form={form} />
        <FormFoot form={form} labels={{ title, description, coverUrl, externalUrl }} />
      </form>
    </Card>
  );
}
