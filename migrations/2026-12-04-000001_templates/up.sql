create table templates (
    account_id uuid not null references accounts (id),
    id uuid not null,
    name text not null,
    -- The name in lower case.
    name_key text not null,
    channel text not null check (channel in ('EMAIL', 'SMS')),
    status text not null check (status in ('ACTIVE', 'ARCHIVED')),
    -- The newest version, which is what the template says.
    version integer not null check (version > 0),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id)
);
create unique index templates_name on templates (account_id, name_key) where status = 'ACTIVE';

-- Everything that a template ever said. Rows are never changed.
create table template_versions (
    account_id uuid not null,
    template_id uuid not null,
    version integer not null check (version > 0),
    format text not null check (format in ('HTML', 'MARKDOWN', 'TEXT')),
    subject text,
    body text not null,
    text_part text,
    -- The member or key that wrote it.
    created_by text not null,
    created_at timestamptz not null,
    primary key (account_id, template_id, version),
    check ((format = 'TEXT') = (subject is null)),
    check (text_part is null or format <> 'TEXT'),
    foreign key (account_id, template_id) references templates (account_id, id)
);
