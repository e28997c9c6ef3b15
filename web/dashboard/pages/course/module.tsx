import { memo } from 'preact/compat';
import { useId } from 'preact/hooks';
import type { IconName } from '../../components';
import { Icon } from '../../components';
import { t } from '../../i18n';
import { link, setParams } from '../../router';
import { AddLesson } from './add_items';
import type { Course, Lesson, Module } from './documents';
import { Grip, ItemControls, moveByKeys } from './item_controls';
import type { Item, OutlineActions } from './outline';

export const KIND_ICONS: Record<Lesson['kind'], IconName> = { TEXT: 'audit', VIDEO: 'play', LINK: 'link' };

type LessonRowProps = { courseId: string; lesson: Lesson; actions: OutlineActions; dragged: boolean };

const LessonRow = memo(({ courseId, lesson, actions, dragged }: LessonRowProps) => {
  const item: Item = { kind: 'lesson', lesson };
  const kind = t.words.lessonKind[lesson.kind];
  const open = { id: 'edit', label: t.common.edit, icon: 'edit' as const, onSelect: () => setParams({ lesson: lesson.id }) };
  return (
    <li class="outline-lesson" data-item={lesson.id} data-lesson data-dragged={dragged || undefined} onKeyDown={(event) => moveByKeys(event, item, actions)}>
      <Grip item={item} actions={actions} />
      <span class="outline-kind" title={kind}><Icon name={KIND_ICONS[lesson.kind]} /><span class="unseen">{kind}</span></span>
      <a class="outline-title" data-control="title" href={link(`courses/${courseId}`, { lesson: lesson.id })}><bdi>{lesson.title}</bdi></a>
      {lesson.durationMinutes !== null && <span class="hint outline-minutes">{t.courses.minutes(lesson.durationMinutes)}</span>}
      <ItemControls item={item} actions={actions} more={[open]} />
    </li>
  );
});

type ModuleProps = { course: Course; module: Module; actions: OutlineActions; dragged: string | undefined; reload: () => void };

export function ModuleSection({ course, module, actions, dragged, reload }: ModuleProps) {
  const titleId = useId();
  const item: Item = { kind: 'module', module };
  return (
    <section class="outline-module" aria-labelledby={titleId} data-item={module.id} data-module={module.id} data-dragged={dragged === module.id || undefined}>
      <header class="outline-module-header" onKeyDown={(event) => moveByKeys(event, item, actions)}>
        <Grip item={item} actions={actions} />
        <h2 id={titleId}><bdi>{module.title}</bdi></h2>
        <span class="hint outline-minutes">{t.courses.lessonCount(module.lessons.length)}</span>
        <ItemControls item={item} actions={actions} />
      </header>
      {module.lessons.length === 0 && <p class="hint outline-none">{t.courses.noLessons}</p>}
      <ol class="outline-lessons">
        {module.lessons.map((lesson) => (
          <LessonRow key={lesson.id} courseId={course.id} lesson={lesson} actions={actions} dragged={dragged === lesson.id} />
        ))}
      </ol>
      <AddLesson module={module} reload={reload} />
    </section>
  );
}
