create or replace function restore_suppressions() returns trigger language plpgsql as $$
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
alter table erased_suppressions drop column stopped;
drop index suppressions_stopped;
drop table inbound_texts;
