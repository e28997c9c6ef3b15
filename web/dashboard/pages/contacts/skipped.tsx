import { t } from '../../i18n';
import { link } from '../../router';
import type { SkippedContact } from './many';

const SHOWN = 20;

/** The contacts that are skipped, by reason. */
export function Skipped({ skipped, open }: { skipped: readonly SkippedContact[]; open?: boolean }) {
  if (!skipped.length) return null;
  const reasons = [...new Set(skipped.map(({ reason }) => reason))];
  return (
    <details class="contacts-skipped" open={open}>
      <summary>{t.contacts.skipped(skipped.length)}</summary>
      <dl>
        {reasons.map((reason) => {
          const rows = skipped.filter((row) => row.reason === reason);
          return (
            <div key={reason}>
              <dt>{(t.words.skipReason as Partial<Record<string, string>>)[reason] ?? reason}</dt>
              {rows.slice(0, SHOWN).map(({ contactId, email }) => (
                <dd key={contactId ?? email}>
                  {contactId ? <a href={link(`contacts/${contactId}`)}><bdi>{email ?? t.common.aContact}</bdi></a> : <bdi>{email}</bdi>}
                </dd>
              ))}
              {rows.length > SHOWN && <dd class="hint">{t.contacts.andMore(rows.length - SHOWN)}</dd>}
            </div>
          );
        })}
      </dl>
    </details>
  );
}
