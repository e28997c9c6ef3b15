import { ApiError, mutate } from '../../api';
import { Confirm, toast } from '../../components';
import { t } from '../../i18n';
import type { Course } from './documents';
import { DELETE_LESSON, DELETE_MODULE } from './documents';
import type { Item } from './outline';
import { titleOf } from './outline';

async function remove(item: Item): Promise<void> {
  try {
    if (item.kind === 'module') await mutate(DELETE_MODULE, { input: { moduleId: item.module.id } });
    else await mutate(DELETE_LESSON, { input: { lessonId: item.lesson.id } });
  } catch (error) {
    // Someone else deleted it first: it is gone, as was wanted.
    if (!(error instanceof ApiError && error.code === 'NOT_FOUND')) throw error;
  }
}

type RemovalProps = { course: Course; item: Item; onClose: () => void; onDone: () => void };

/** Says what goes with it: the lessons of a module, and what contacts did in them. */
export function Removal({ course, item, onClose, onDone }: RemovalProps) {
  const title = titleOf(item);
  const members = course.memberCount ?? 0;
  const lessons = item.kind === 'module' ? item.module.lessons.length : 1;
  const confirm = async () => {
    await remove(item);
    toast({ text: t.courses.deleted(title) });
    onDone();
    // The button that opened the question is gone with its row.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('#main h1')?.focus({ preventScroll: true }));
  };
  return (
    <Confirm open onClose={onClose} title={item.kind === 'module' ? t.courses.deleteModule : t.courses.deleteLesson} danger onConfirm={confirm}
      action={t.courses.delete}>
      <div class="course-confirm">
        <p>{item.kind === 'module' ? t.courses.deleteModuleText(title, lessons) : t.courses.deleteLessonText(title)}</p>
        {lessons > 0 && <p>{members > 0 ? t.courses.deleteProgress(members) : t.courses.deleteNoProgress}</p>}
        <p>{t.courses.noUndo}</p>
      </div>
    </Confirm>
  );
}
