import type { Column } from '../../components';
import { Time } from '../../components';
import { ContentStatusPill } from '../../components/content/status';
import { number, t } from '../../i18n';
import type { CourseRow } from './documents';
import { hostOf } from './web_address';

const Lessons = ({ course: { externalUrl, lessonCount } }: { course: CourseRow }) =>
  externalUrl ? <bdi class="hint">{hostOf(externalUrl)}</bdi> : <span class="courses-count">{number(lessonCount)}</span>;

export const columns = (): Column<CourseRow>[] => [
  { id: 'title', header: t.courses.course, width: '2.5fr', cell: ({ title }) => <bdi class="courses-title">{title}</bdi> },
  { id: 'status', header: t.courses.status, width: '9rem', cell: ({ status }) => <ContentStatusPill status={status} /> },
  { id: 'lessons', header: t.courses.lessons, width: '1fr', cell: (course) => <Lessons course={course} /> },
  { id: 'members', header: t.courses.members, width: '7rem', cell: ({ memberCount }) => <span class="courses-count">{number(memberCount ?? 0)}</span> },
  { id: 'updated', header: t.courses.updated, width: '8rem', hideBelow: 'phone', cell: ({ updatedAt }) => <span class="hint"><Time at={updatedAt} /></span> },
];
