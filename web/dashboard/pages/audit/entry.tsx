import { useState } from 'preact/hooks';
import type { DescriptionItem } from '../../components';
import { Button, DescriptionList, Icon, Status, Time } from '../../components';
import { t } from '../../i18n';
import { link, setParams } from '../../router';
import type { AuditEvent } from './documents';
import { lookOf } from './kinds';
import type { Names } from './sentences';
import { actorOf, contactOf, methodOf, outcomeOf, sentenceOf } from './sentences';

/** Where an object of the log is shown. */
function placeOf(id: string): string | null {
  if (/^(message|job)_/.test(id)) return link(`${id.startsWith('job_') ? 'jobs' : 'messages'}/${id}`);
  if (/^(template|workflow)_/.test(id)) return link(`${id.startsWith('workflow_') ? 'workflows' : 'templates'}/${id}`);
  if (id.startsWith('member_')) return link('team');
  return id.startsWith('key_') ? link('api-keys') : null;
}

function Subject({ id, names }: { id: string; names: Names }) {
  const place = placeOf(id);
  const name = names.get(id);
  const text = <>{name && <bdi>{name} · </bdi>}<code>{id}</code></>;
  return place ? <a href={place}>{text}</a> : <span>{text}</span>;
}

const Only = ({ name, value, label }: { name: string; value: string; label: string }) => (
  <Button kind="plain" size="small" icon="filter" onClick={() => setParams({ [name]: value })}>{label}</Button>
);

function facts(event: AuditEvent, names: Names): DescriptionItem[] {
  const { at, actor, kind, contactId, contact, subjectId, method, outcome, reason, details, ip, userAgent } = event;
  const named = actor.id !== 'anonymous' && actor.id !== 'system';
  const text = (label: string, value: string | null): DescriptionItem[] => (value ? [{ label, value: <bdi>{value}</bdi> }] : []);
  return [
    { label: t.audit.time, value: <Time at={at} style="full" /> },
    { label: t.audit.kind, value: <code>{kind}</code>, action: <Only name="kind" value={kind} label={t.audit.onlyKind} /> },
    {
      label: t.audit.actor, value: <bdi>{actorOf(event)}</bdi>,
      ...(named && { action: <Only name="actor" value={actor.id} label={t.audit.onlyActor} /> }),
    },
    ...(contactId ? [{
      label: t.audit.contact,
      value: contact ? <a href={link(`contacts/${contact.id}`)}><bdi>{contactOf(event)}</bdi></a> : contactOf(event),
      action: <Only name="contact" value={contactId} label={t.audit.onlyContact} />,
    }] : []),
    ...(subjectId && subjectId !== contactId ? [{ label: t.audit.subject, value: <Subject id={subjectId} names={names} /> }] : []),
    { label: t.audit.outcome, value: outcomeOf(outcome) },
    ...text(t.audit.method, method && methodOf(method)),
    ...text(t.audit.reason, reason),
    ...text(t.audit.details, details.join('\n')),
    { label: t.audit.ip, value: ip ?? t.audit.noIp },
    ...text(t.audit.userAgent, userAgent),
  ];
}

/** A sentence that opens into everything that was recorded. */
export function Entry({ event, names }: { event: AuditEvent; names: Names }) {
  const [open, setOpen] = useState(false);
  const { icon, tone } = lookOf(event.kind, event.outcome);
  const secondary = [event.method && methodOf(event.method), event.reason].filter(Boolean).join(' · ');
  return (
    <li data-id={event.id}>
      <details onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
        <summary>
          <span class="audit-icon" data-tone={tone}><Icon name={icon} /></span>
          <span class="audit-text">
            <span class="audit-sentence">
              {sentenceOf(event, names).map((part, index) => (typeof part === 'string' ? part : <bdi key={index}>{part.name}</bdi>))}
            </span>
            {(event.outcome !== 'OK' || secondary) && (
              <span class="audit-line hint">
                {event.outcome !== 'OK' && <Status tone="warn">{outcomeOf(event.outcome)}</Status>}
                {secondary && <bdi>{secondary}</bdi>}
              </span>
            )}
          </span>
          <span class="audit-when hint"><Time at={event.at} /></span>
          <Icon name="chevron-down" />
        </summary>
        {open && <DescriptionList items={facts(event, names)} />}
      </details>
    </li>
  );
}
