-- The counts are kept by the database, so that no code path and no hand-written SQL can make them drift.
-- Up to 16 rows for each account: each pooled connection adds to its own, and a reader sums them up.

create table account_counts (
    account_id uuid not null,
    slot smallint not null,
    invited bigint not null default 0,
    active bigint not null default 0,
    invited_total bigint not null default 0,
    version bigint not null default 0,
    primary key (account_id, slot)
) with (fillfactor = 50);

-- Active contacts by the UTC day they were last seen on.
create table account_seen_days (
    account_id uuid not null,
    day date not null,
    slot smallint not null,
    active bigint not null default 0,
    primary key (account_id, day, slot)
) with (fillfactor = 50);

-- The change in the number of contacts for each account, status, invited flag and last-seen day.
create type contact_change as (account_id uuid, status smallint, ever boolean, day date, n bigint);

-- Counts before days, accounts and days ascending: two backends that share a slot wait for each other and never deadlock.
create function add_contact_changes(changes contact_change[]) returns void language plpgsql as $$
declare
    slot_no constant smallint := pg_backend_pid() % 16;
begin
    insert into account_counts as c (account_id, slot, invited, active, invited_total, version)
    select account_id, slot_no,
        coalesce(sum(n) filter (where status = 1), 0),
        coalesce(sum(n) filter (where status = 2), 0),
        coalesce(sum(n) filter (where ever), 0),
        1
    from unnest(changes)
    group by account_id
    order by account_id
    on conflict (account_id, slot) do update set
        invited = c.invited + excluded.invited,
        active = c.active + excluded.active,
        invited_total = c.invited_total + excluded.invited_total,
        version = c.version + 1;

    insert into account_seen_days as d (account_id, day, slot, active)
    select account_id, day, slot_no, sum(n)
    from unnest(changes)
    where day is not null
    group by account_id, day
    having sum(n) <> 0
    order by account_id, day
    on conflict (account_id, day, slot) do update set active = d.active + excluded.active;
end $$;

create function contacts_inserted() returns trigger language plpgsql as $$
declare changes contact_change[];
begin
    select array_agg(row(net.*)::contact_change) into changes from (
        select account_id, status, first_invited_at is not null,
            case when status = 2 then (last_seen_at at time zone 'UTC')::date end, count(*)
        from new_rows
        where status in (1, 2) or first_invited_at is not null
        group by 1, 2, 3, 4
    ) as net;
    if changes is not null then perform add_contact_changes(changes); end if;
    return null;
end $$;

create function contacts_deleted() returns trigger language plpgsql as $$
declare changes contact_change[];
begin
    select array_agg(row(net.*)::contact_change) into changes from (
        select account_id, status, first_invited_at is not null,
            case when status = 2 then (last_seen_at at time zone 'UTC')::date end, -count(*)
        from old_rows
        where status in (1, 2) or first_invited_at is not null
        group by 1, 2, 3, 4
    ) as net;
    if changes is not null then perform add_contact_changes(changes); end if;
    return null;
end $$;

create function contacts_updated() returns trigger language plpgsql as $$
declare changes contact_change[];
begin
    select array_agg(row(net.*)::contact_change) into changes from (
        select account_id, status, ever, day, sum(n) from (
            select account_id, status, first_invited_at is not null as ever,
                case when status = 2 then (last_seen_at at time zone 'UTC')::date end as day, 1 as n
            from new_rows
            union all
            select account_id, status, first_invited_at is not null,
                case when status = 2 then (last_seen_at at time zone 'UTC')::date end, -1
            from old_rows
        ) as changed
        where status in (1, 2) or ever
        group by 1, 2, 3, 4
        having sum(n) <> 0
    ) as net;
    if changes is not null then perform add_contact_changes(changes); end if;
    return null;
end $$;

create trigger contacts_inserted after insert on contacts
    referencing new table as new_rows for each statement execute function contacts_inserted();
create trigger contacts_deleted after delete on contacts
    referencing old table as old_rows for each statement execute function contacts_deleted();
create trigger contacts_updated after update on contacts
    referencing old table as old_rows new table as new_rows for each statement execute function contacts_updated();

create function refuse_truncate() returns trigger language plpgsql as $$
begin
    raise exception 'TRUNCATE of % is refused: it would leave the counts behind. Use DELETE.', tg_table_name;
end $$;

create trigger contacts_truncated before truncate on contacts for each statement execute function refuse_truncate();

-- The audit log only grows. The sweeper deletes old rows; see 000004.
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit_events is append only';
end $$;

create trigger audit_events_are_kept before update or delete or truncate on audit_events
    for each statement execute function refuse_audit_change();
