-- Conditions on contacts under a name, as the API's ContactFilter writes them. They are evaluated when the list is used.
create table smart_lists (
    account_id uuid not null references accounts on delete cascade,
    id uuid not null,
    name text not null,
    conditions jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id)
);
create unique index smart_lists_name on smart_lists (account_id, lower(name));
