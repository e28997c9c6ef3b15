alter table mailings
    add column marketing boolean not null default false,
    add column quiet_from time,
    add column quiet_until time,
    add check (not marketing or channel = 'EMAIL'),
    add check ((quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until);

-- Addresses that get no marketing emails, by the link in one or by staff. They outlive their contacts.
create table marketing_opt_outs (
    account_id uuid not null references accounts (id),
    email_key text not null,
    created_at timestamptz not null,
    -- The email whose link it was.
    message_id uuid,
    primary key (account_id, email_key)
);

-- Those of erased contacts: hashes, so that they can be recognised but not read.
create table erased_opt_outs (
    account_id uuid not null references accounts (id),
    address_hash bytea not null,
    created_at timestamptz not null,
    primary key (account_id, address_hash)
);

-- A contact with such an address is opted out as well, whatever creates it.
create function restore_opt_outs() returns trigger language plpgsql as $$
begin
    if exists (select from erased_opt_outs where account_id in (select distinct account_id from new_rows)) then
        with restored as (
            delete from erased_opt_outs e using new_rows n
            where e.account_id = n.account_id and n.email_key is not null
                and e.address_hash = erased_address_hash(n.account_id, n.email_key)
            returning e.account_id, n.email_key, e.created_at
        )
        insert into marketing_opt_outs (account_id, email_key, created_at)
        select account_id, email_key, created_at from restored on conflict do nothing;
    end if;
    return null;
end $$;

-- A contact who has opted out stays so with another address.
create function carry_opt_out() returns trigger language plpgsql as $$
begin
    insert into marketing_opt_outs (account_id, email_key, created_at, message_id)
    select account_id, new.email_key, created_at, message_id from marketing_opt_outs
    where account_id = old.account_id and email_key = old.email_key
    on conflict do nothing;
    with restored as (
        delete from erased_opt_outs
        where account_id = new.account_id and address_hash = erased_address_hash(new.account_id, new.email_key)
        returning account_id, created_at
    )
    insert into marketing_opt_outs (account_id, email_key, created_at)
    select account_id, new.email_key, created_at from restored on conflict do nothing;
    return null;
end $$;

create trigger contacts_inserted_opted_out after insert on contacts
    referencing new table as new_rows for each statement execute function restore_opt_outs();
create trigger contacts_moved_opted_out after update of email_key on contacts
    for each row when (new.email_key is not null and new.email_key is distinct from old.email_key) execute function carry_opt_out();
