// What the contact may open in the portal, and what opens it.
import { startAction } from '../../../actions';
import { useQuery, useRefreshOnReturn } from '../../../api';
import { Button, ErrorNotice, Skeleton } from '../../../components';
import { t } from '../../../i18n';
import type { Contact } from '../contact';
import { noRole } from '../contact';
import { useContactActivity } from '../live';
import { ACCESS, openedOf } from './documents';
import { Grants } from './list';
import { Communities, Courses } from './opened';

const ACTIONS = [
  { name: 'ASSIGN_COURSES', icon: 'book' },
  { name: 'UPDATE_COMMUNITY_ACCESS', icon: 'community' },
  { name: 'GRANT_OFFER', icon: 'offer' },
] as const;

const Actions = ({ contact: { id, email, name } }: { contact: Contact }) => (
  <div class="actions">
    {ACTIONS.map(({ name: action, icon }) => (
      <Button key={action} kind="quiet" size="small" icon={icon} disabledReason={noRole('CONTACTS')}
        onClick={() => startAction(action, { contacts: [{ id, email: email ?? '', name }] })}>{t.access.dialog[action].title}</Button>
    ))}
  </div>
);

export function Access({ contact }: { contact: Contact }) {
  const { data, error, reload } = useQuery(ACCESS, { id: contact.id });
  useContactActivity(contact.id, reload);
  useRefreshOnReturn(reload);
  if (!data) return error ? <ErrorNotice error={error} retry={reload} /> : <Skeleton rows={6} />;
  if (!data.contact) return null;
  const { courses, communities, more } = openedOf(data.contact);
  return (
    <div class="content-columns">
      <Actions contact={contact} />
      <Courses edges={courses} />
      <Communities edges={communities} />
      {more && <p class="hint">{t.access.newest}</p>}
      <Grants contactId={contact.id} edges={[...courses, ...communities]} onChanged={reload} />
    </div>
  );
}
