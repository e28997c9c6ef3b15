import { ApiError, mutate, query } from '../../api';
import { Card, Skeleton, SwitchField, TextField } from '../../components';
import type { Version } from '../../components/content/form';
import { ContentForm, useContentForm } from '../../components/content/form';
import { momentOf, useZone, wallTime } from '../../components/content/zone';
import { t } from '../../i18n';
import type { Offer } from './documents';
import { OFFER, UPDATE } from './documents';

const MAX_TITLE = 200;
const MAX_DESCRIPTION = 10_000;

type Values = { title: string; description: string; startsAt: string; durationDays: string; listsBeforeStart: boolean };

/** The day and time as the field has it: the server's error, if it is none. */
function momentIn(wall: string, zone: string): string | null {
  if (!wall) return null;
  const moment = momentOf(wall, zone);
  if (!moment) throw new ApiError(t.access.wrongTime, 'BAD_USER_INPUT', 'input.startsAt');
  return moment;
}

function daysIn(text: string): number | null {
  if (!text.trim()) return null;
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1) throw new ApiError(t.offers.wrongDays, 'BAD_USER_INPUT', 'input.durationDays');
  return days;
}

const inputOf = ({ title, description, startsAt, durationDays, listsBeforeStart }: Partial<Values>, zone: string) => ({
  ...(title !== undefined && { title: title.trim() }),
  ...(description !== undefined && { description: description.trim() || null }),
  ...(startsAt !== undefined && { startsAt: momentIn(startsAt, zone) }),
  ...(durationDays !== undefined && { durationDays: daysIn(durationDays) }),
  ...(listsBeforeStart !== undefined && { listsBeforeStart }),
});

function versionOf({ title, description, startsAt, durationDays, listsBeforeStart, updatedAt }: Offer, zone: string): Version<Values> {
  return {
    values: {
      title, description: description ?? '', startsAt: startsAt ? wallTime(startsAt, zone) : '', durationDays: durationDays === null ? '' : String(durationDays),
      listsBeforeStart,
    },
    updatedAt,
  };
}

async function read(id: string, zone: string): Promise<Version<Values> | null> {
  const { offer } = await query(OFFER, { id });
  return offer && versionOf(offer, zone);
}

const labels = () => ({
  title: t.access.title, description: t.access.description, startsAt: t.offers.startsAt, durationDays: t.offers.durationDays,
  listsBeforeStart: t.offers.listsBeforeStart,
});

function TermsForm({ offer, zone }: { offer: Offer; zone: string }) {
  const { id } = offer;
  const form = useContentForm<Values>({
    name: `offer.${id}`, saved: versionOf(offer, zone), labels: labels(), read: () => read(id, zone),
    save: async (changes, expectedUpdatedAt) => mutate(UPDATE, { input: { offerId: id, expectedUpdatedAt, ...inputOf(changes, zone) } }),
  });
  const { values, set, errorOf } = form;
  return (
    <ContentForm form={form}>
      <TextField label={t.access.title} maxLength={MAX_TITLE} value={values.title} error={errorOf('title')} onInput={(typed) => set({ title: typed })} />
      <TextField label={t.access.description} hint={t.access.markdown} optional multiline={4} maxLength={MAX_DESCRIPTION} value={values.description}
        error={errorOf('description')} onInput={(typed) => set({ description: typed })} />
      <TextField label={t.offers.startsAt} optional type="datetime-local" value={values.startsAt} error={errorOf('startsAt')}
        hint={<>{t.offers.startsAtHint} {t.access.zone(zone)}</>} onInput={(typed) => set({ startsAt: typed })} />
      <TextField label={t.offers.durationDays} optional type="number" value={values.durationDays} error={errorOf('durationDays')}
        hint={t.offers.durationDaysHint} onInput={(typed) => set({ durationDays: typed })} />
      <SwitchField label={t.offers.listsBeforeStart} hint={t.offers.listsBeforeStartHint} checked={values.listsBeforeStart}
        onChange={(on) => set({ listsBeforeStart: on })} />
    </ContentForm>
  );
}

export function Terms({ offer }: { offer: Offer }) {
  const zone = useZone();
  return <Card title={t.offers.tabs.terms}>{zone ? <TermsForm offer={offer} zone={zone} /> : <Skeleton rows={5} />}</Card>;
}
