// The form of a menu item: its values, and what the API gets.
import { ApiError } from '../../api';
import { t } from '../../i18n';
import { webAddress } from '../courses/web_address';
import type { Audience, Item } from './documents';

type Role = 'OWNER' | 'ADMIN' | 'STAFF' | 'READ_ONLY';

type TargetKind = 'course' | 'community' | 'offer';

export type Values = {
  title: string;
  opens: 'section' | 'url';
  section: NonNullable<Item['section']>;
  url: string;
  opensIn: Item['opensIn'];
  icon: Item['icon'];
  /** In the portal what a contact needs, such as `course:course_…`; empty for everyone. */
  target: string;
  minimumRole: Role;
};

export type FieldName = 'title' | 'url' | 'opensIn' | 'visibleTo';
export type Errors = Partial<Record<FieldName, string>>;

export const EMPTY: Values = {
  title: '', opens: 'url', section: 'HOME', url: '', opensIn: 'SAME_TAB', icon: 'LINK', target: '', minimumRole: 'READ_ONLY',
};

const KINDS = { Course: 'course', Community: 'community', Offer: 'offer' } as const;

export const targetValue = (kind: TargetKind, id: string): string => `${kind}:${id}`;

export function valuesOf({ title, section, url, opensIn, icon, visibleTo }: Item): Values {
  const target = visibleTo?.target;
  return {
    title, opens: section ? 'section' : 'url', section: section ?? 'HOME', url: url ?? '', opensIn, icon,
    target: target ? targetValue(KINDS[target.__typename], target.id) : '',
    minimumRole: visibleTo?.minimumRole ?? 'READ_ONLY',
  };
}

function visibilityOf(audience: Audience, { target, minimumRole }: Values) {
  if (audience === 'DASHBOARD') return { minimumRole };
  const [kind, id] = target.split(':');
  return kind && id ? { [`${kind}Id`]: id } : null;
}

export const inputOf = (audience: Audience, values: Values) => ({
  title: values.title.trim(),
  ...(values.opens === 'section' ? { section: values.section } : { url: webAddress(values.url) }),
  opensIn: values.opensIn,
  icon: values.icon,
  visibleTo: visibilityOf(audience, values),
});

/** What is missing, before anything is sent. */
export function missing({ title, opens, url }: Values): Errors {
  return {
    ...(!title.trim() && { title: t.menu.titleMissing }),
    ...(opens === 'url' && !url.trim() && { url: t.menu.urlMissing }),
  };
}

const FIELDS: readonly FieldName[] = ['title', 'url', 'opensIn', 'visibleTo'];

/** What was refused, beside its field. */
export function refusedFields(failure: unknown): Errors | null {
  const field = failure instanceof ApiError ? FIELDS.find((name) => name === failure.input) : undefined;
  return field && failure instanceof ApiError ? { [field]: failure.message } : null;
}
