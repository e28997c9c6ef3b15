import { useList } from '../../api';
import { Button, Card, Empty, ErrorNotice, Icon, Skeleton, Time } from '../../components';
import { t } from '../../i18n';
import { isWorkflow, useKindText, useWorkflowNames, workflowText } from '../workflows/makers';
import { useActor } from './actor';
import { useContactActivity } from './live';
import type { Event } from './sentences';
import { TIMELINE, sentenceOf } from './sentences';

const FIRST_PAGE = 30;

type EntryProps = { event: Event; newer: readonly Event[]; actor: string | null; kindText: ReturnType<typeof useKindText> };

function Entry({ event, newer, actor, kindText }: EntryProps) {
  const { icon, tone, text, about, details, href } = sentenceOf(event, newer, kindText);
  return (
    <li class="timeline-entry">
      <span class="timeline-icon" data-tone={tone}><Icon name={icon} /></span>
      <div class="timeline-text">
        <p>{href ? <a href={href}>{text}</a> : text}</p>
        {about.length > 0 && (
          <ul class="timeline-about">
            {about.map(({ title, href: to }) => <li key={to || title}>{to ? <a href={to}><bdi>{title}</bdi></a> : <bdi>{title}</bdi>}</li>)}
          </ul>
        )}
        {details.length > 0 && <p class="hint"><bdi>{details.join(' · ')}</bdi></p>}
      </div>
      <p class="timeline-when hint">{actor && <bdi>{actor} · </bdi>}<Time at={event.at} /></p>
    </li>
  );
}

export function Timeline({ contactId }: { contactId: string }) {
  const list = useList(TIMELINE, { id: contactId }, ({ contact }) => contact?.timeline);
  const actorOf = useActor(contactId);
  const kindText = useKindText(list.rows.flatMap(({ message }) => message ?? []));
  const workflows = useWorkflowNames(list.rows.map(({ by }) => by));
  // Whoever watches the newest events sees them arrive; whoever reads older ones is told of them.
  useContactActivity(contactId, list.rows.length <= FIRST_PAGE ? list.reload : list.refresh);
  return (
    <Card title={t.contact.timeline}>
      {list.fresh > 0 && (
        <p class="timeline-fresh" role="status"><Button size="small" onClick={list.showFresh}>{t.components.fresh(list.fresh)}</Button></p>
      )}
      {list.loading && <Skeleton rows={5} />}
      {list.error && <ErrorNotice error={list.error} retry={list.reload} />}
      {!list.loading && !list.error && !list.rows.length && <Empty icon="clock" title={t.contact.noEvents} />}
      <ol class="timeline">
        {list.rows.map((event, index) => (
          <Entry key={event.id} event={event} newer={list.rows.slice(0, index)} kindText={kindText}
            actor={isWorkflow(event.by) ? workflowText(event.by, workflows) : actorOf(event.by)} />
        ))}
      </ol>
      {list.hasMore && <Button kind="quiet" size="small" onClick={list.loadMore}>{t.components.loadMore}</Button>}
    </Card>
  );
}
