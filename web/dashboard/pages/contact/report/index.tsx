// "Why can't they get in?": what lets the contact in or stops them. `?why=1` opens it, `?why=course_…` asks about a course or community too.
import { useEffect, useRef } from 'preact/hooks';
import { useQuery, useRefreshOnReturn } from '../../../api';
import { Button, ErrorNotice, Icon, IconButton, Skeleton } from '../../../components';
import { t } from '../../../i18n';
import { params, setParams } from '../../../router';
import type { Contact } from '../contact';
import { nameOf } from '../contact';
import { useContactActivity } from '../live';
import type { AccessReport, Item } from './documents';
import { ITEMS, REPORT } from './documents';
import { ItemField } from './item_field';
import { StepEntry } from './step';

const OPEN = '1';

export const WhyButton = () => {
  const open = params.value.has('why');
  return (
    <Button kind="plain" size="small" icon="help" class="report-button" aria-expanded={open} onClick={() => setParams({ why: open ? undefined : OPEN })}>
      {t.accessReport.title}
    </Button>
  );
};

function Verdict({ report: { canSignIn, canOpen, steps }, name, title }: { report: AccessReport; name: string; title: string | undefined }) {
  const stopping = steps.filter(({ outcome }) => outcome === 'FAIL');
  const warnings = steps.filter(({ outcome }) => outcome === 'WARN').length;
  const good = canSignIn && canOpen !== false;
  const item = title ?? t.accessReport.theItem;
  const text = () => {
    if (!canSignIn) return t.accessReport.cantSignIn(name);
    if (canOpen === false) return t.accessReport.cantOpen(name, item);
    return canOpen ? t.accessReport.canOpen(name, item) : t.accessReport.canSignIn(name);
  };
  return (
    <div class="report-verdict" data-tone={good ? 'good' : 'bad'} role="status">
      <Icon name={good ? 'check' : 'close'} />
      <div>
        <p><strong><bdi>{text()}</bdi></strong></p>
        {!good && <p>{t.accessReport.because} {stopping.map(({ reason }) => t.accessReport.reason[reason]).join(' ')}</p>}
        {good && <p>{warnings ? t.accessReport.warnings(warnings) : t.accessReport.allWell}</p>}
      </div>
    </div>
  );
}

/** The courses and communities that can be asked about. */
function useItems(): Item[] {
  const { data } = useQuery(ITEMS, {});
  return [
    ...(data?.courses.nodes ?? []).map((node) => ({ ...node, kind: 'course' as const })),
    ...(data?.communities.nodes ?? []).map((node) => ({ ...node, kind: 'community' as const })),
  ];
}

type ReportProps = { contact: Contact; onChanged: () => void };

/** Reads again whenever something happens to the contact, or what is shown of them changes. */
function useReport(contact: Contact, itemId: string | null) {
  const { data, error, reload } = useQuery(REPORT, { id: contact.id, itemId });
  const state = JSON.stringify([contact.email, contact.portalStatus, contact.suppression, contact.invitation]);
  const seen = useRef(state);
  useContactActivity(contact.id, reload);
  useRefreshOnReturn(reload);
  useEffect(() => {
    if (seen.current !== state) reload();
    seen.current = state;
  }, [state]);
  return { report: data?.contact?.accessReport, error, reload };
}

function Panel({ contact, onChanged }: ReportProps) {
  const asked = params.value.get('why');
  const itemId = asked === OPEN ? null : asked;
  const heading = useRef<HTMLHeadingElement>(null);
  const items = useItems();
  const { report, error, reload } = useReport(contact, itemId);
  useEffect(() => heading.current?.focus(), []);
  const item = items.find(({ id }) => id === itemId);
  const changed = () => {
    reload();
    onChanged();
  };
  const close = () => {
    setParams({ why: undefined });
    document.querySelector<HTMLElement>('.report-button')?.focus();
  };
  return (
    <section class="card report" aria-labelledby="report-title">
      <header class="card-header">
        <h2 id="report-title" tabIndex={-1} ref={heading}>{t.accessReport.title}</h2>
        <IconButton icon="close" label={t.common.close} onClick={close} />
      </header>
      <ItemField items={items} value={itemId} onChange={(id) => setParams({ why: id || OPEN })} />
      {error && !report && <ErrorNotice error={error} retry={reload} />}
      {!error && !report && <Skeleton rows={5} />}
      {report && <Verdict report={report} name={nameOf(contact)} title={item?.title} />}
      {report && (
        <ol class="report-steps" aria-label={t.accessReport.steps}>
          {report.steps.map((step) => <StepEntry key={step.kind} contact={contact} step={step} item={item} onChanged={changed} />)}
        </ol>
      )}
    </section>
  );
}

export const Report = (props: ReportProps) => (params.value.has('why') ? <Panel key={props.contact.id} {...props} /> : null);
