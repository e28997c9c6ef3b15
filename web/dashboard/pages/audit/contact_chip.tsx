import { useState } from 'preact/hooks';
import { graphql, useContactSearch, useQuery } from '../../api';
import { Button, Icon, IconButton, Popover, TextField } from '../../components';
import { t } from '../../i18n';
import { params, setParams } from '../../router';

const CHOSEN = graphql(`
  query AuditContact($id: ID!) {
    contact(id: $id) { id name email }
  }
`);

const MOST_CONTACTS = 6;

function Choice() {
  const [typed, setTyped] = useState('');
  const found = useContactSearch(typed)?.slice(0, MOST_CONTACTS);
  return (
    <div class="audit-contact">
      <TextField label={t.audit.findContact} autocomplete="off" value={typed} onInput={setTyped} />
      <ul>
        {found?.map(({ id, name, email }) => (
          <li key={id}>
            <Button kind="plain" size="small" onClick={(event) => {
              setParams({ contact: id });
              (event.currentTarget as HTMLElement).closest<HTMLElement>('[popover]')?.hidePopover();
            }}><bdi>{name ?? email}</bdi>{name && email && <span class="hint"><bdi>{email}</bdi></span>}</Button>
          </li>
        ))}
      </ul>
      <p class="hint" role="status">{found?.length === 0 ? t.audit.noContact : ''}</p>
    </div>
  );
}

/** Only what happened to one contact. */
export function ContactChip() {
  const id = params.value.get('contact') ?? '';
  const { data } = useQuery(CHOSEN, { id }, { pause: !id });
  const contact = data?.contact;
  // A closed popover forgets what was typed. Not an opened one: its event can come after the first key.
  const [closed, setClosed] = useState(0);
  return (
    <span class="filter" data-active={id ? true : undefined}>
      <Popover label={t.audit.contact} onToggle={(open) => {
        if (!open) setClosed((times) => times + 1);
      }} trigger={(props) => (
        <button {...props} class="filter-trigger">
          {t.audit.contact}
          {id ? <b class="filter-value"><bdi>{contact ? (contact.name ?? contact.email) : t.audit.deletedContact}</bdi></b> : <Icon name="chevron-down" />}
        </button>
      )}>
        <Choice key={closed} />
      </Popover>
      {id && <IconButton icon="close" label={t.components.clearFilter(t.audit.contact)} onClick={() => setParams({ contact: undefined })} />}
    </span>
  );
}
