import { useQuery, useRefreshOn, useRefreshOnReturn } from '../../api';
import { ButtonLink, Empty, ErrorNotice, PageHeader, Skeleton, Tabs } from '../../components';
import { t } from '../../i18n';
import { link, params, setParams } from '../../router';
import { MEMBER_EVENTS } from '../courses/documents';
import { Details } from './details';
import type { Course } from './documents';
import { COURSE } from './documents';
import { Header, back } from './header';
import { LessonEditor } from './lesson';
import { Members } from './members';
import { Outline } from './outline';

const TABS = ['outline', 'details', 'members'] as const;

type Tab = (typeof TABS)[number];

function tabsOf({ externalUrl, lessonCount, memberCount }: Course): { id: Tab; label: string; count?: number }[] {
  const labels = t.courses.tabs;
  return [
    { id: 'outline', label: labels.outline, ...(!externalUrl && { count: lessonCount }) },
    { id: 'details', label: labels.details },
    { id: 'members', label: labels.members, count: memberCount ?? 0 },
  ];
}

function Panel({ tab, course, reload }: { tab: Tab; course: Course; reload: () => void }) {
  switch (tab) {
    case 'outline': return <Outline course={course} reload={reload} />;
    case 'details': return <Details course={course} />;
    case 'members': return <Members course={course} />;
  }
}

const Missing = () => (
  <>
    <PageHeader title={t.common.notFound} back={back()} />
    <Empty icon="book" title={t.courses.missing}>
      <p>{t.common.notFoundHint}</p>
      <ButtonLink kind="quiet" href={link('courses')}>{t.courses.all}</ButtonLink>
    </Empty>
  </>
);

export default function CoursePage({ id }: { id: string }) {
  const { data, error, reload } = useQuery(COURSE, { id });
  useRefreshOn(MEMBER_EVENTS, reload);
  useRefreshOnReturn(reload);
  const lessonId = params.value.get('lesson');
  const tab = TABS.find((name) => name === params.value.get('tab')) ?? 'outline';
  if (error && !data) return <><PageHeader title={t.courses.course} back={back()} /><ErrorNotice error={error} retry={reload} /></>;
  if (!data) return <><PageHeader title={t.courses.course} back={back()} /><Skeleton rows={6} /></>;
  const course = data.course;
  if (!course) return <Missing />;
  if (lessonId) return <LessonEditor key={lessonId} course={course} lessonId={lessonId} reload={reload} />;
  return (
    <div class="course">
      <Header course={course} reload={reload} />
      <Tabs label={t.courses.tabList} current={tab} tabs={tabsOf(course)} onChange={(name) => setParams({ tab: name === 'outline' ? undefined : name })} />
      <div role="tabpanel" aria-label={t.courses.tabs[tab]} class="course-panel">
        <Panel tab={tab} course={course} reload={reload} />
      </div>
    </div>
  );
}
