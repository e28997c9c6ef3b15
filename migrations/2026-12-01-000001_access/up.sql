create table courses (
    account_id uuid not null references accounts (id),
    id uuid not null,
    title text not null,
    -- Markdown.
    description text,
    cover_url text,
    -- Where the course is, if it isn't here: then it has no lessons.
    external_url text,
    status text not null check (status in ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id)
);

create table course_modules (
    account_id uuid not null,
    id uuid not null,
    course_id uuid not null,
    position integer not null,
    title text not null,
    primary key (account_id, id),
    unique (account_id, course_id, position) deferrable initially deferred,
    foreign key (account_id, course_id) references courses (account_id, id)
);

create table lessons (
    account_id uuid not null,
    id uuid not null,
    course_id uuid not null,
    module_id uuid not null,
    position integer not null,
    title text not null,
    kind text not null check (kind in ('TEXT', 'VIDEO', 'LINK')),
    -- Markdown.
    body text,
    url text,
    duration_minutes integer,
    primary key (account_id, id),
    unique (account_id, module_id, position) deferrable initially deferred,
    foreign key (account_id, course_id) references courses (account_id, id),
    foreign key (account_id, module_id) references course_modules (account_id, id) on delete cascade
);
create index lessons_of_course on lessons (account_id, course_id);

-- What a contact has done in a lesson. It stays when access ends.
create table lesson_progress (
    account_id uuid not null,
    contact_id uuid not null,
    lesson_id uuid not null,
    course_id uuid not null,
    started_at timestamptz not null,
    completed_at timestamptz,
    primary key (account_id, contact_id, lesson_id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    foreign key (account_id, lesson_id) references lessons (account_id, id) on delete cascade
);
create index lesson_progress_of_lesson on lesson_progress (account_id, lesson_id);
create index lesson_progress_of_course on lesson_progress (account_id, course_id, contact_id);

create table communities (
    account_id uuid not null references accounts (id),
    id uuid not null,
    name text not null,
    -- Markdown.
    description text,
    cover_url text,
    join_url text,
    status text not null check (status in ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id)
);

create table announcements (
    account_id uuid not null,
    id uuid not null,
    community_id uuid not null,
    title text not null,
    -- Markdown.
    body text not null,
    author text not null,
    published_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id),
    foreign key (account_id, community_id) references communities (account_id, id)
);
create index announcements_of_community on announcements (account_id, community_id, id);

create table offers (
    account_id uuid not null references accounts (id),
    id uuid not null,
    title text not null,
    -- Markdown.
    description text,
    -- Its contents open at this time at the earliest.
    starts_at timestamptz,
    -- How long a grant lasts from its start; for ever if null.
    duration_days integer check (duration_days > 0),
    lists_before_start boolean not null,
    status text not null check (status in ('DRAFT', 'PUBLISHED', 'ARCHIVED')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id)
);

create table offer_items (
    account_id uuid not null,
    offer_id uuid not null,
    item_id uuid not null generated always as (coalesce(course_id, community_id)) stored,
    course_id uuid,
    community_id uuid,
    primary key (account_id, offer_id, item_id),
    check (num_nonnulls(course_id, community_id) = 1),
    foreign key (account_id, offer_id) references offers (account_id, id),
    foreign key (account_id, course_id) references courses (account_id, id),
    foreign key (account_id, community_id) references communities (account_id, id)
);
create index offer_items_of_item on offer_items (account_id, item_id);

-- What a contact may open: one target from one source.
create table access_grants (
    account_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    target_id uuid not null generated always as (coalesce(course_id, community_id, offer_id)) stored,
    course_id uuid,
    community_id uuid,
    offer_id uuid,
    source text not null check (source in ('DIRECT', 'WORKFLOW', 'IMPORT')),
    -- The workflow's run or the import's job.
    source_id uuid,
    starts_at timestamptz not null,
    ends_at timestamptz,
    revoked_at timestamptz,
    granted_by text not null,
    created_at timestamptz not null,
    primary key (account_id, id),
    check (num_nonnulls(course_id, community_id, offer_id) = 1),
    check (ends_at > starts_at),
    check ((source = 'DIRECT') = (source_id is null)),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    foreign key (account_id, course_id) references courses (account_id, id),
    foreign key (account_id, community_id) references communities (account_id, id),
    foreign key (account_id, offer_id) references offers (account_id, id)
);
create unique index access_grants_live on access_grants (account_id, contact_id, target_id, source, source_id) nulls not distinct
    where revoked_at is null;
create index access_grants_of_contact on access_grants (account_id, contact_id, id);
create index access_grants_of_target on access_grants (account_id, target_id, id);

-- Each way from a live grant to a course or community: the grant's own target, or what its offer holds.
create view access_paths as
    select account_id, contact_id, id as grant_id, target_id as item_id, null::uuid as offer_id, starts_at, ends_at, false as lists_before_start
    from access_grants
    where revoked_at is null and offer_id is null
    union all
    select g.account_id, g.contact_id, g.id, i.item_id, g.offer_id, greatest(g.starts_at, o.starts_at), g.ends_at, o.lists_before_start
    from access_grants g
    join offers o on o.account_id = g.account_id and o.id = g.offer_id
    join offer_items i on i.account_id = g.account_id and i.offer_id = g.offer_id
    where g.revoked_at is null;

alter table bulk_jobs
    drop constraint bulk_jobs_kind_check,
    add constraint bulk_jobs_kind_check check (kind in (
        'INVITE', 'LOGIN_EMAIL', 'RESEND_INVITATIONS', 'CANCEL_INVITATIONS', 'IMPORT', 'ACCESS', 'GRANT', 'TAG', 'MESSAGE'));
