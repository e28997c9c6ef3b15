import type { ResultOf, VariablesOf } from '../../api';
import { ApiError, graphql, mutate, query } from '../../api';
import type { FieldName, Values } from './fields';
import { FIELD_NAMES, inputOf } from './fields';

export const DETAILS = graphql(`
  query ContactDetails($id: ID!) {
    contact(id: $id) { id name email firstName lastName phone tags locale timezone updatedAt }
  }
`);

const UPDATE = graphql(`
  mutation UpdateContact($input: UpdateContactInput!) {
    updateContact(input: $input) {
      contact { id name email firstName lastName phone tags locale timezone updatedAt suppression { reason detail since until } }
    }
  }
`);

/** The contact as it was read. */
export type Snapshot = NonNullable<ResultOf<typeof DETAILS>['contact']>;

type Input = VariablesOf<typeof UPDATE>['input'];

export const snapshotOf = ({ id, name, email, firstName, lastName, phone, tags, locale, timezone, updatedAt }: Snapshot): Snapshot =>
  ({ id, name, email, firstName, lastName, phone, tags, locale, timezone, updatedAt });

export const valuesOf = ({ email, firstName, lastName, phone, tags, locale, timezone }: Snapshot): Values => ({
  email: email ?? '', firstName: firstName ?? '', lastName: lastName ?? '', phone: phone ?? '', tags: [...tags],
  locale: locale ?? '', timezone: timezone ?? '',
});

const same = (one: string | readonly string[], other: string | readonly string[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

export function differing(one: Values, other: Values): FieldName[] {
  return FIELD_NAMES.filter((name) => !same(one[name], other[name]));
}

export const changedFields = (base: Snapshot, values: Values): FieldName[] => differing(valuesOf(base), values);

/** Letter case alone is no other address. */
export const changesAddress = (base: Snapshot, values: Values): boolean =>
  base.email !== null && base.email.toLowerCase() !== values.email.trim().toLowerCase();

/** Sends what differs from `base`, which must still be what the server has. */
export async function save(base: Snapshot, values: Values): Promise<void> {
  const all = inputOf(values);
  const changes: Partial<Input> = Object.fromEntries(changedFields(base, values).map((name) => [name, all[name]]));
  await mutate(UPDATE, { input: { ...changes, contactId: base.id, expectedUpdatedAt: base.updatedAt } });
}

/** Somebody else changed the contact since it was read. */
export const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'CONFLICT' && error.input !== 'email';

export async function readDetails(id: string): Promise<Snapshot | null> {
  const { contact } = await query(DETAILS, { id });
  return contact && snapshotOf(contact);
}
