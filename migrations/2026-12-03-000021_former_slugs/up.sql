-- Every slug that an account has or had: none is ever given to another account. The trigger keeps it, whoever changes the slug.
create table account_slugs (
    slug text primary key,
    account_id uuid not null references accounts (id)
);
create index account_slugs_of_account on account_slugs (account_id);
insert into account_slugs (slug, account_id) select slug, id from accounts;

-- When the slug was changed, the last times.
alter table accounts add column renamed_at timestamptz[] not null default '{}';

create function keep_account_slug() returns trigger language plpgsql as $$
begin
    -- An update that changes nothing waits for a concurrent transaction, and sees what it committed.
    insert into account_slugs as kept (slug, account_id) values (new.slug, new.id)
    on conflict (slug) do update set slug = kept.slug where kept.account_id = excluded.account_id;
    if not found then
        raise exception 'the slug belongs to another account' using errcode = 'unique_violation', constraint = 'account_slugs_pkey';
    end if;
    return null;
end
$$;

create trigger keep_account_slug after insert or update of slug on accounts for each row execute function keep_account_slug();
