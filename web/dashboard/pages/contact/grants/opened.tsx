import { Card, Empty, Progress, Status, Time } from '../../../components';
import type { IconName } from '../../../components';
import { t } from '../../../i18n';
import { link } from '../../../router';
import type { CommunityEdge, CourseEdge, Edge } from './documents';
import { hrefOf, originOf } from './documents';

/** Whether the contact may open it now, or why not yet. */
function State({ edge: { open, opensAt, node } }: { edge: Edge }) {
  if (open) return <Status tone="good">{t.access.open}</Status>;
  if (node.status === 'DRAFT') return <Status tone="none">{t.access.closedDraft}</Status>;
  if (node.status === 'ARCHIVED') return <Status tone="none">{t.access.closedArchived}</Status>;
  if (Date.parse(opensAt) > Date.now()) return <Status tone="busy">{t.access.opens} <Time at={opensAt} style="full" /></Status>;
  return <Status tone="none">{t.access.closed}</Status>;
}

/** The grants that open it, and until when. */
const By = ({ edge: { grants, endsAt } }: { edge: Edge }) => (
  <p class="hint">
    {grants.length > 0 && t.access.by}{' '}
    {grants.map((grant, index) => (
      <span key={grant.id}>
        {index > 0 && ', '}
        {grant.target.__typename === 'Offer' ? <a href={hrefOf(grant.target)}><bdi>{originOf(grant)}</bdi></a> : t.access.direct}
      </span>
    ))}
    {endsAt && <> · {t.access.endsAt} <Time at={endsAt} style="full" /></>}
  </p>
);

function CourseProgress({ edge: { progress, node } }: { edge: CourseEdge }) {
  if (node.externalUrl) return null;
  if (progress?.completedAt) return <Status tone="good">{t.access.completed}</Status>;
  const done = progress?.completedLessonCount ?? 0;
  if (!progress || node.lessonCount === 0) return <span class="hint">{t.access.notStarted}</span>;
  return <Progress value={done} max={node.lessonCount} label={t.access.lessons(done, node.lessonCount)} />;
}

type OpenedProps = { title: string; none: string; hint: string; icon: IconName; path: string; edges: readonly Edge[] };

function Opened({ title, none, hint, icon, path, edges }: OpenedProps) {
  return (
    <Card title={title}>
      {edges.length === 0 && <Empty icon={icon} title={none}><p>{hint}</p></Empty>}
      {edges.length > 0 && (
        <ul class="content-list">
          {edges.map((edge) => (
            <li key={edge.node.id}>
              <div>
                <p><a href={link(`${path}/${edge.node.id}`)}><bdi>{edge.node.title}</bdi></a></p>
                <By edge={edge} />
              </div>
              {'progress' in edge && <div class="grants-progress"><CourseProgress edge={edge} /></div>}
              <div class="grants-state"><State edge={edge} /></div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export const Courses = ({ edges }: { edges: readonly CourseEdge[] }) => (
  <Opened title={t.access.courses} none={t.access.noCourses} hint={t.access.noCoursesHint} icon="book" path="courses" edges={edges} />
);

export const Communities = ({ edges }: { edges: readonly CommunityEdge[] }) => (
  <Opened title={t.access.communities} none={t.access.noCommunities} hint={t.access.noCommunitiesHint} icon="community" path="communities" edges={edges} />
);
