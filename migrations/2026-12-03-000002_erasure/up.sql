-- An erased affiliate keeps the sums of its sales, without the contact.
alter table affiliates alter column contact_id drop not null;

-- Addresses of erased contacts that bounced, or whose owners reported an email as spam: hashes, so that they can be recognised but
-- not read.
create table erased_suppressions (
    account_id uuid not null references accounts (id),
    address_hash bytea not null,
    complained boolean not null,
    created_at timestamptz not null,
    primary key (account_id, address_hash)
);

create function erased_address_hash(account_id uuid, email_key text) returns bytea language sql immutable
    as $$ select sha256(convert_to(account_id::text || ' ' || email_key, 'UTF8')) $$;

-- A contact with such an address gets no email either. Every message goes to the address of a contact, so the suppression is needed
-- only once a contact has the address, and is restored then, whatever creates or changes the contact.
create function restore_suppressions() returns trigger language plpgsql as $$
begin
    if exists (select from erased_suppressions where account_id in (select distinct account_id from new_rows)) then
        with restored as (
            delete from erased_suppressions e using new_rows n
            where e.account_id = n.account_id and n.email_key is not null
                and e.address_hash = erased_address_hash(n.account_id, n.email_key)
            returning e.account_id, n.email_key, e.complained, e.created_at
        )
        insert into suppressions (account_id, email_key, reason, created_at)
        select account_id, email_key, case when complained then 'COMPLAINED' else '550 5.1.1 The address bounced before.' end, created_at
        from restored
        on conflict do nothing;
    end if;
    return null;
end $$;

create trigger contacts_inserted_suppressed after insert on contacts
    referencing new table as new_rows for each statement execute function restore_suppressions();
create trigger contacts_updated_suppressed after update on contacts
    referencing new table as new_rows for each statement execute function restore_suppressions();
