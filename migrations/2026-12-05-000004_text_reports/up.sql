-- STOP and START that were applied, by the provider's id. They are kept: a signed callback has no date and can be repeated at any
-- time.
create table inbound_texts (
    account_id uuid not null references accounts (id),
    provider_id text not null,
    received_at timestamptz not null,
    primary key (account_id, provider_id)
);

-- All accounts send text messages from one number, so START is for all of them.
create index suppressions_stopped on suppressions (email_key) where reason = 'STOPPED';

-- STOP outlives the erasure of its contact, as other suppressions do, by number as by address.
alter table erased_suppressions add column stopped boolean not null default false;

create or replace function restore_suppressions() returns trigger language plpgsql as $$
begin
    if exists (select from erased_suppressions where account_id in (select distinct account_id from new_rows)) then
        with restored as (
            delete from erased_suppressions e
            using (select account_id, email_key as key from new_rows union select account_id, phone from new_rows) n
            where e.account_id = n.account_id and n.key is not null
                and e.address_hash = erased_address_hash(n.account_id, n.key)
            returning e.account_id, n.key, e.complained, e.stopped, e.created_at
        )
        insert into suppressions (account_id, email_key, reason, created_at)
        select account_id, key, case when stopped then 'STOPPED' when complained then 'COMPLAINED'
            else '550 5.1.1 The address bounced before.' end, created_at
        from restored
        on conflict do nothing;
    end if;
    return null;
end $$;
