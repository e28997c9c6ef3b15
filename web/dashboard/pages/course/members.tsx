import { useMemo } from 'preact/hooks';
import type { ResultOf } from '../../api';
import { graphql, useList, useRefreshOn } from '../../api';
import type { Column } from '../../components';
import { Avatar, Empty, Table, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { PortalStatusPill } from '../contacts/columns';
import { MEMBER_EVENTS } from '../courses/documents';
import { AssignButton } from './assign';
import type { Course } from './documents';

const MEMBERS = graphql(`
  query CourseMembers($id: ID!, $after: String) {
    course(id: $id) {
      id
      members(first: 20, after: $after) {
        nodes {
          id name email portalStatus
          course(id: $id) { open opensAt endsAt node { id } progress { completedLessonCount completedAt } }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

type Member = NonNullable<NonNullable<ResultOf<typeof MEMBERS>['course']>['members']>['nodes'][number];

const EVENTS = [...MEMBER_EVENTS, 'COURSE_STARTED', 'LESSON_COMPLETED', 'COURSE_COMPLETED', 'JOINED'] as const;

const nameOf = ({ name, email }: Member): string => name ?? email ?? t.common.aContact;

const Person = ({ member }: { member: Member }) => (
  <span class="course-person">
    <Avatar name={nameOf(member)} />
    <span class="course-person-text">
      <bdi class="course-name">{nameOf(member)}</bdi>
      {member.name && member.email && <bdi class="course-address">{member.email}</bdi>}
    </span>
  </span>
);

function MemberProgress({ member, course }: { member: Member; course: Course }) {
  const access = member.course;
  if (!access) return <span class="hint">{t.components.never}</span>;
  const done = access.progress?.completedLessonCount;
  if (done === undefined) return <span class="hint">{t.courses.notStarted}</span>;
  if (access.progress?.completedAt) return <span>{t.courses.completed} <span class="hint"><Time at={access.progress.completedAt} /></span></span>;
  return (
    <span class="course-progress">
      <span>{t.courses.progress(done, course.lessonCount)}</span>
      <progress value={done} max={Math.max(course.lessonCount, 1)} aria-label={t.courses.progressOf(nameOf(member))} />
    </span>
  );
}

function Access({ member, course }: { member: Member; course: Course }) {
  const access = member.course;
  if (!access) return <span class="hint">{t.components.never}</span>;
  if (course.status === 'PUBLISHED' && !access.open) return <span>{t.courses.opens} <Time at={access.opensAt} style="date" /></span>;
  return access.endsAt ? <span>{t.courses.until} <Time at={access.endsAt} style="date" /></span> : <span class="hint">{t.courses.unlimited}</span>;
}

const columnsOf = (course: Course): Column<Member>[] => [
  { id: 'contact', header: t.courses.contact, width: '2fr', cell: (member) => <Person member={member} /> },
  { id: 'status', header: t.courses.portal, width: '10rem', hideBelow: 'tablet', cell: ({ portalStatus }) => <PortalStatusPill status={portalStatus} /> },
  ...(course.externalUrl ? [] : [
    { id: 'progress', header: t.courses.progressHeader, width: '1.3fr', cell: (member: Member) => <MemberProgress member={member} course={course} /> },
  ]),
  { id: 'access', header: t.courses.access, width: '1.1fr', cell: (member) => <Access member={member} course={course} /> },
];

export function Members({ course }: { course: Course }) {
  const list = useList(MEMBERS, { id: course.id }, (data) => data.course?.members);
  useRefreshOn(EVENTS, list.refresh);
  const columns = useMemo(() => columnsOf(course), [course]);
  return (
    <div class="course-members">
      {course.status !== 'PUBLISHED' && list.rows.length > 0 && <p class="hint">{t.courses.notOpen[course.status]}</p>}
      <Table list={list} columns={columns} label={t.courses.members} href={({ id }) => link(`contacts/${id}`)} rowLabel={nameOf} empty={
        <Empty icon="people" title={t.courses.noMembers}>
          <p>{t.courses.noMembersHint}</p>
          <AssignButton courseId={course.id} />
        </Empty>
      } />
    </div>
  );
}
