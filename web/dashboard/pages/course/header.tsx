import { boot, may } from '../../api';
import { PageHeader, Time } from '../../components';
import type { ContentStatus } from '../../components/content/items';
import { ContentStatusPill, StatusActions } from '../../components/content/status';
import { t } from '../../i18n';
import { link } from '../../router';
import { hostOf } from '../courses/web_address';
import { AssignButton } from './assign';
import type { Course } from './documents';
import { setStatus } from './documents';

export const back = () => ({ href: link('courses'), label: t.shell.courses });

export const noRole = (): string | undefined => (may('CONTENT') ? undefined : t.common.noRole(t.words.role[boot.role]));

const Line = ({ course: { status, externalUrl, lessonCount, updatedAt } }: { course: Course }) => (
  <span class="course-line">
    <ContentStatusPill status={status} />
    <span>{externalUrl ? <bdi>{hostOf(externalUrl)}</bdi> : t.courses.lessonCount(lessonCount)}</span>
    <span>{t.courses.changed} <Time at={updatedAt} /></span>
  </span>
);

/** What contacts notice of a change of the status. */
function consequence({ status: from, externalUrl, lessonCount, memberCount }: Course, to: ContentStatus): string | null {
  const members = memberCount ?? 0;
  if (to === 'PUBLISHED') {
    if (!externalUrl && lessonCount === 0) return t.courses.publishEmpty;
    return members > 0 ? t.courses.publishOpens(members) : null;
  }
  return from === 'PUBLISHED' ? t.courses.closes(members) : null;
}

export const Header = ({ course, reload }: { course: Course; reload: () => void }) => (
  <PageHeader title={course.title} back={back()} description={<Line course={course} />}>
    <AssignButton courseId={course.id} kind="quiet" />
    <StatusActions status={course.status} title={course.title} consequence={(to) => consequence(course, to)}
      onChange={(status) => setStatus(course.id, status).then(reload)} />
  </PageHeader>
);
