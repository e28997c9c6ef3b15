import { mutate } from '../../api';
import { t } from '../../i18n';
import { setParams } from '../../router';
import { AddForm } from './add';
import type { Module } from './documents';
import { CREATE_LESSON, CREATE_MODULE } from './documents';

export function AddModule({ courseId, first, reload }: { courseId: string; first: boolean; reload: () => void }) {
  const create = async (title: string) => (await mutate(CREATE_MODULE, { input: { courseId, title } })).createCourseModule?.module.id ?? '';
  return (
    <AddForm label={t.courses.addModule} titleLabel={t.courses.moduleTitle} create={create} onAdded={reload} {...(first && { kind: 'primary' as const })} />
  );
}

export function AddLesson({ module, reload }: { module: Module; reload: () => void }) {
  const create = async (title: string) =>
    (await mutate(CREATE_LESSON, { input: { moduleId: module.id, title, kind: 'TEXT' } })).createLesson?.lesson.id ?? '';
  return (
    <AddForm kind="plain" label={t.courses.addLesson} titleLabel={t.courses.lessonTitleIn(module.title)} create={create} onAdded={reload}
      onOpen={(lesson) => setParams({ lesson })} />
  );
}
