import { useEffect, useRef } from 'preact/hooks';
import { mutate, query, useQuery, useRefreshOnReturn } from '../../api';
import { ButtonLink, Card, Empty, ErrorNotice, Icon, PageHeader, Skeleton } from '../../components';
import { RichText } from '../../components/content/rich_text';
import { number, t } from '../../i18n';
import { link } from '../../router';
import { webAddress } from '../courses/web_address';
import type { Course } from './documents';
import { LESSON, UPDATE_LESSON, lessonsOf } from './documents';
import { useEditing } from './editing';
import { FormFoot } from './form_foot';
import { noRole } from './header';
import { lastOpened } from './last_opened';
import type { Fields, Saved } from './lesson_fields';
import { LessonFields, fieldsOf } from './lesson_fields';
import { KIND_ICONS } from './module';

const backTo = (course: Course) => ({ href: link(`courses/${course.id}`), label: course.title });

const normal = (values: Fields): Fields => ({
  ...values, title: values.title.trim(), url: values.kind === 'TEXT' ? '' : webAddress(values.url), durationMinutes: values.durationMinutes.trim(),
});

function check({ title, kind, url, durationMinutes }: Fields): Partial<Fields> | null {
  const errors: Partial<Fields> = {
    ...(!title && { title: t.courses.titleMissing }),
    ...(kind !== 'TEXT' && !url && { url: t.courses.lessonUrlMissing }),
    ...(durationMinutes && !/^\d{1,4}$/.test(durationMinutes) && { durationMinutes: t.courses.minutesWrong }),
  };
  return Object.keys(errors).length ? errors : null;
}

async function save(lessonId: string, values: Fields, changed: (keyof Fields)[]): Promise<void> {
  const { url, body, durationMinutes } = values;
  const all = { ...values, url: url || null, body: body || null, durationMinutes: durationMinutes ? Number(durationMinutes) : null };
  const changes = Object.fromEntries(changed.map((name) => [name, all[name]]));
  await mutate(UPDATE_LESSON, { input: { ...changes, lessonId } });
}

async function read(id: string): Promise<Fields | null> {
  const { node } = await query(LESSON, { id });
  return node?.__typename === 'Lesson' ? fieldsOf(node) : null;
}

function useLessonForm(lesson: Saved) {
  const fields = useRef<HTMLFormElement>(null);
  const form = useEditing<Fields>({
    name: `lesson.${lesson.id}`, saved: fieldsOf(lesson), normal, check, read: () => read(lesson.id),
    save: (values, changed) => save(lesson.id, values, changed),
  });
  useEffect(() => fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [form.errors]);
  return { fields, form };
}

const Target = ({ kind, url }: { kind: Saved['kind']; url: string }) => (
  <p class="lesson-target"><Icon name={KIND_ICONS[kind]} /><a href={url} target="_blank" rel="noopener noreferrer"><bdi>{url}</bdi></a></p>
);

function Editor({ lesson }: { lesson: Saved }) {
  const { fields, form } = useLessonForm(lesson);
  const refused = noRole();
  const { lessonTitle: title, kind, url, body, durationMinutes } = t.courses;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 's') return;
    event.preventDefault();
    if (!refused) void form.submit();
  };
  return (
    <div class="lesson-columns">
      <Card>
        <form ref={fields} noValidate onKeyDown={onKeyDown} onSubmit={(event) => { event.preventDefault(); void form.submit(); }}>
          <LessonFields form={form} />
          <FormFoot form={form} labels={{ title, kind, url, body, durationMinutes }} />
        </form>
      </Card>
      <Card title={t.courses.preview}>
        <p class="hint" role="status">{form.dirty ? t.courses.previewOld : t.courses.previewHint}</p>
        {lesson.url && <Target kind={lesson.kind} url={lesson.url} />}
        {lesson.bodyHtml ? <RichText html={lesson.bodyHtml} /> : <p class="lesson-empty">{t.courses.previewEmpty}</p>}
      </Card>
    </div>
  );
}

/** To the lessons before and after, without a way through the outline. */
function Neighbours({ course, lessonId }: { course: Course; lessonId: string }) {
  const lessons = lessonsOf(course);
  const at = lessons.findIndex(({ id }) => id === lessonId);
  const [before, after] = [lessons[at - 1], lessons[at + 1]];
  const to = (id: string) => link(`courses/${course.id}`, { lesson: id });
  if (at < 0) return null;
  return (
    <>
      {before && <ButtonLink kind="quiet" size="small" icon="chevron-up" href={to(before.id)} title={before.title}>{t.courses.previous}</ButtonLink>}
      {after && <ButtonLink kind="quiet" size="small" icon="chevron-down" href={to(after.id)} title={after.title}>{t.courses.next}</ButtonLink>}
    </>
  );
}

const placeIn = (course: Course, lessonId: string): string => {
  const module = course.modules.find(({ lessons }) => lessons.some(({ id }) => id === lessonId));
  const at = module?.lessons.findIndex(({ id }) => id === lessonId) ?? 0;
  return module ? t.courses.lessonPlace(number(at + 1), number(module.lessons.length), module.title) : '';
};

export function LessonEditor({ course, lessonId, reload }: { course: Course; lessonId: string; reload: () => void }) {
  const lesson = useQuery(LESSON, { id: lessonId });
  useRefreshOnReturn(lesson.reload);
  useEffect(() => {
    scrollTo(0, 0);
    lastOpened.id = lessonId;
    // It may be newer than the outline that was read.
    if (!lessonsOf(course).some(({ id }) => id === lessonId)) reload();
  }, []);
  const found = lesson.data?.node?.__typename === 'Lesson' ? lesson.data.node : null;
  const title = found?.title ?? lessonsOf(course).find(({ id }) => id === lessonId)?.title;
  if (!found) {
    return (
      <>
        <PageHeader title={title ?? t.courses.lesson} back={backTo(course)} />
        {lesson.loading && <Skeleton rows={6} />}
        {lesson.error && <ErrorNotice error={lesson.error} retry={lesson.reload} />}
        {lesson.data && (
          <Empty icon="book" title={t.courses.lessonMissing}>
            <p>{t.common.notFoundHint}</p>
            <ButtonLink kind="quiet" href={backTo(course).href}>{t.courses.toOutline}</ButtonLink>
          </Empty>
        )}
      </>
    );
  }
  return (
    <div class="lesson">
      <PageHeader title={found.title} back={backTo(course)} description={placeIn(course, lessonId)}>
        <Neighbours course={course} lessonId={lessonId} />
      </PageHeader>
      <Editor lesson={found} />
    </div>
  );
}
