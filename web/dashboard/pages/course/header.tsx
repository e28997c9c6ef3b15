import { boot, may } from '../../api';
import { PageHeader, Time } from '../../components';
import { t } from '../../i18n';
import { link } from '../../router';
import { ContentStatusPill } from '../courses/columns';
import { hostOf } from '../courses/web_address';
import { AssignButton } from './assign';
import type { Course } from './documents';
import { StatusActions } from './status';

export const back = () => ({ href: link('courses'), label: t.shell.courses });

export const noRole = (): string | undefined => (may('CONTENT') ? undefined : t.common.noRole(t.words.role[boot.role]));

const Line = ({ course: { status, externalUrl, lessonCount, updatedAt } }: { course: Course }) => (
  <span class="course-line">
    <ContentStatusPill status={status} />
    <span>{externalUrl ? <bdi>{hostOf(externalUrl)}</bdi> : t.courses.lessonCount(lessonCount)}</span>
    <span>{t.courses.changed} <Time at={updatedAt} /></span>
  </span>
);

export const Header = ({ course, reload }: { course: Course; reload: () => void }) => (
  <PageHeader title={course.title} back={back()} description={<Line course={course} />}>
    <AssignButton courseId={course.id} kind="quiet" />
    <StatusActions course={course} reload={reload} />
  </PageHeader>
);
