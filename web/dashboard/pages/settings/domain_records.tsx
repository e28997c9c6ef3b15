import { CopyField, Status } from '../../components';
import { t } from '../../i18n';
import type { DnsRecord } from './domain_documents';

function RecordState({ record: { ok, required, found }, checked }: { record: DnsRecord; checked: boolean }) {
  if (!checked) return <Status tone="none">{t.settings.recordNotChecked}</Status>;
  if (ok) return <Status tone="good">{t.settings.recordFound}</Status>;
  return <Status tone={required ? 'bad' : 'warn'}>{found.length ? t.settings.recordDiffers : t.settings.recordMissing}</Status>;
}

/** The records to publish, in the order that DNS providers ask for their parts. */
export const Records = ({ records, checked }: { records: readonly DnsRecord[]; checked: boolean }) => (
  <ul class="records" aria-label={t.settings.records}>
    {records.map((record) => (
      <li key={record.purpose}>
        <p class="record-heading">
          <span><strong>{record.type}</strong> <span class="hint">{t.settings.purposes[record.purpose]}</span></span>
          <RecordState record={record} checked={checked} />
        </p>
        <CopyField label={t.settings.recordName(record.purpose)} value={record.name} />
        <CopyField label={t.settings.recordValue(record.purpose)} value={record.value} />
        {!record.ok && record.found.length > 0 && <p class="hint">{t.settings.recordHas(record.found.join('; '))}</p>}
      </li>
    ))}
  </ul>
);
