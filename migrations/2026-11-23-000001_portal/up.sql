-- Every table's key begins with the account, so that a finder scoped to an account is a prefix of an index.
-- Ids are UUIDv7 from the server; no now() and no gen_random_uuid() here: time and ids are passed in.

create table accounts (
    id uuid primary key,
    slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) between 2 and 40),
    name text not null check (length(name) between 1 and 120),
    sending_domain text,
    reply_to text,
    accent_color text not null default '#3b5bdb' check (accent_color ~ '^#[0-9a-f]{6}$'),
    invitation_days smallint not null default 7 check (invitation_days between 1 and 30),
    limit_copied_links boolean not null default false,
    created_at timestamptz not null
);

create table team_members (
    account_id uuid not null references accounts (id),
    id uuid not null,
    email text not null,
    email_key text not null,
    name text,
    role text not null check (role in ('OWNER', 'ADMIN', 'STAFF', 'READ_ONLY')),
    created_at timestamptz not null,
    removed_at timestamptz,
    primary key (account_id, id),
    unique (account_id, email_key)
);

create table api_keys (
    account_id uuid not null references accounts (id),
    id uuid not null,
    name text not null,
    secret_hash bytea not null,
    scopes text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    primary key (account_id, id),
    unique (account_id, secret_hash)
);

-- Contacts. The portal status follows from the row and nothing else: 0 not invited, 1 invited, 2 active, 3 revoked.
create table contacts (
    account_id uuid not null references accounts (id),
    id uuid not null,
    email text,
    email_key text collate "C",
    phone text,
    first_name text,
    last_name text,
    tags text[] not null default '{}',
    timezone text,
    locale text,
    invited_at timestamptz,
    first_invited_at timestamptz,
    joined_at timestamptz,
    last_seen_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    status smallint not null generated always as (
        case
            when revoked_at is not null then 3
            when joined_at is not null then 2
            when invited_at is not null then 1
            else 0
        end) stored,
    name_key text collate "C" not null generated always as (
        lower(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')))) stored,
    search tsvector not null generated always as (
        to_tsvector('simple', translate(
            coalesce(email_key, '') || ' ' || lower(coalesce(first_name, '') || ' ' || coalesce(last_name, '')),
            '@._+-''/\:;,&!?()[]{}<>|"#$%*=~^`', repeat(' ', 32)))) stored,
    primary key (account_id, id),
    unique (account_id, email_key),
    check ((email is null) = (email_key is null)),
    check (invited_at is null or first_invited_at is not null)
) with (fillfactor = 85);

-- One index for each order, split by status: a page costs the same wherever it lies, for one status or for all four merged.
create index contacts_by_id on contacts (account_id, status, id);
create index contacts_by_email on contacts (account_id, status, coalesce(email_key, ''), id);
create index contacts_by_name on contacts (account_id, status, name_key, id);
create index contacts_by_invited_at on contacts (account_id, status, coalesce(invited_at, '1970-01-01Z'::timestamptz), id);
create index contacts_by_joined_at on contacts (account_id, status, coalesce(joined_at, '1970-01-01Z'::timestamptz), id);
create index contacts_by_last_seen_at on contacts (account_id, status, coalesce(last_seen_at, '1970-01-01Z'::timestamptz), id);
create index contacts_by_words on contacts using gin (search);

-- The standing offer to a contact: one row, whatever is resent.
create table invitations (
    account_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    section text not null check (section in ('HOME', 'COURSES', 'COMMUNITIES', 'AFFILIATES')),
    note text,
    invited_by text not null,
    created_at timestamptz not null,
    sent_count integer not null default 1,
    last_sent_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    cancelled_at timestamptz,
    primary key (account_id, id),
    unique (account_id, contact_id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
);

create table sessions (
    account_id uuid not null references accounts (id),
    id uuid not null,
    audience text not null check (audience in ('PORTAL', 'DASHBOARD')),
    contact_id uuid,
    team_member_id uuid,
    section text,
    method text not null,
    staff_seen boolean not null default false,
    cookie_hash bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    first_used_at timestamptz,
    last_seen_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    ip text,
    user_agent text,
    primary key (account_id, id),
    unique (account_id, cookie_hash),
    check ((contact_id is null) <> (team_member_id is null)),
    check ((audience = 'PORTAL') = (contact_id is not null)),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    foreign key (account_id, team_member_id) references team_members (account_id, id)
);
create index sessions_of_contact on sessions (account_id, contact_id) where contact_id is not null;

-- Refresh tokens of a session, one row for each generation: a used one is kept to recognise its reuse.
create table refresh_tokens (
    account_id uuid not null,
    token_hash bytea not null,
    session_id uuid not null,
    generation integer not null,
    issued_at timestamptz not null,
    used_at timestamptz,
    rotated_at timestamptz,
    primary key (account_id, token_hash),
    unique (account_id, session_id, generation),
    foreign key (account_id, session_id) references sessions (account_id, id) on delete cascade
);

create table magic_links (
    account_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    purpose text not null check (purpose in ('INVITATION', 'LOGIN_EMAIL', 'REQUESTED', 'GENERATED', 'MESSAGE')),
    origin text not null check (origin in ('CONTACT', 'STAFF', 'API_KEY', 'WORKFLOW', 'SYSTEM')),
    section text not null check (section in ('HOME', 'COURSES', 'COMMUNITIES', 'AFFILIATES')),
    resource_id text,
    limit_to_section boolean not null default false,
    staff_seen boolean not null default false,
    email_key text,
    invitation_id uuid,
    created_by text not null,
    created_at timestamptz not null,
    lifetime_seconds integer not null,
    expires_at timestamptz not null,
    redeem_count smallint not null default 0,
    used_at timestamptz,
    session_id uuid,
    browser_hash bytea,
    superseded_at timestamptz,
    revoked_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
);
create index magic_links_of_contact on magic_links (account_id, contact_id, id);
create index magic_links_live on magic_links (account_id, contact_id, purpose, origin)
    where used_at is null and superseded_at is null and revoked_at is null;

-- Every secret ever created for a link. Each can redeem the link, which is redeemed once in total.
create table magic_link_secrets (
    account_id uuid not null,
    secret_hash bytea not null,
    magic_link_id uuid not null,
    created_at timestamptz not null,
    primary key (account_id, secret_hash),
    foreign key (account_id, magic_link_id) references magic_links (account_id, id) on delete cascade
);
create index magic_link_secrets_of_link on magic_link_secrets (account_id, magic_link_id);

create table staff_links (
    account_id uuid not null,
    id uuid not null,
    team_member_id uuid not null,
    secret_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (account_id, id),
    unique (account_id, secret_hash),
    foreign key (account_id, team_member_id) references team_members (account_id, id)
);

-- A requested sign-in. Unknown addresses get a row too, so that they can't be distinguished.
create table challenges (
    account_id uuid not null references accounts (id),
    id uuid not null,
    audience text not null,
    contact_id uuid,
    email_key text not null,
    section text not null,
    magic_link_id uuid,
    device_secret_hash bytea not null,
    matching_number text not null,
    mailed boolean not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ip text,
    user_agent text,
    primary key (account_id, id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
);
create index challenges_of_address on challenges (account_id, email_key, created_at);

-- The promise to send. While a message is being sent, due_at is the end of the lease.
create table messages (
    account_id uuid not null references accounts (id),
    id uuid not null,
    contact_id uuid,
    channel text not null check (channel in ('EMAIL', 'SMS')),
    kind text not null check (kind in ('INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'DECOY')),
    address text not null,
    subject text,
    magic_link_id uuid,
    invitation_id uuid,
    bulk_job_id uuid,
    requested_by text not null,
    status text not null check (status in
        ('QUEUED', 'SENDING', 'SENT', 'DEFERRED', 'BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED')),
    priority smallint not null,
    attempt_count integer not null default 0,
    due_at timestamptz not null,
    lease_owner uuid,
    give_up_at timestamptz not null,
    created_at timestamptz not null,
    sent_at timestamptz,
    last_error text,
    primary key (account_id, id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
) with (fillfactor = 70);
create index messages_due on messages (priority, due_at) where status in ('QUEUED', 'DEFERRED', 'SENDING');
create index messages_of_contact on messages (account_id, contact_id, id);
create index messages_of_status on messages (account_id, status, id);
create index messages_of_link on messages (account_id, magic_link_id) where magic_link_id is not null;

-- Addresses that get no email because they bounced or their owner reported an email, until staff resume it.
create table suppressions (
    account_id uuid not null references accounts (id),
    email_key text not null,
    reason text not null,
    created_at timestamptz not null,
    primary key (account_id, email_key)
);

create table message_days (
    account_id uuid not null references accounts (id),
    day date not null,
    message_count bigint not null,
    primary key (account_id, day)
);

create table bulk_jobs (
    account_id uuid not null references accounts (id),
    id uuid not null,
    kind text not null check (kind in ('INVITE', 'LOGIN_EMAIL', 'IMPORT', 'ACCESS', 'MESSAGE')),
    status text not null check (status in ('QUEUED', 'RUNNING', 'PAUSED', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    plan jsonb not null,
    reach uuid,
    total_count integer not null,
    done_count integer not null default 0,
    succeeded_count integer not null default 0,
    skipped_count integer not null default 0,
    failed_count integer not null default 0,
    requested_by text not null,
    due_at timestamptz not null,
    attempt_count integer not null default 0,
    created_at timestamptz not null,
    finished_at timestamptz,
    last_error text,
    primary key (account_id, id)
);
create index bulk_jobs_due on bulk_jobs (due_at) where status in ('QUEUED', 'RUNNING');

create table bulk_job_items (
    account_id uuid not null,
    bulk_job_id uuid not null,
    position integer not null,
    line integer,
    contact_id uuid,
    email text,
    payload jsonb,
    outcome text check (outcome in ('DONE', 'SKIPPED', 'FAILED', 'UPDATED', 'UNCHANGED')),
    reason text,
    detail text,
    primary key (account_id, bulk_job_id, position),
    foreign key (account_id, bulk_job_id) references bulk_jobs (account_id, id) on delete cascade
);
create index bulk_job_items_pending on bulk_job_items (account_id, bulk_job_id, position) where outcome is null;

-- Who did what, to whom, when, from where. Append only.
create table audit_events (
    account_id uuid not null references accounts (id),
    id uuid not null,
    at timestamptz not null,
    kind text not null,
    actor text not null,
    contact_id uuid,
    subject text,
    outcome text not null,
    detail jsonb,
    ip text,
    user_agent text,
    primary key (account_id, id)
);
create index audit_events_of_contact on audit_events (account_id, contact_id, id) where contact_id is not null;

create table revocations (
    account_id uuid not null,
    subject uuid not null,
    at timestamptz not null,
    primary key (account_id, subject, at)
);
create index revocations_by_time on revocations (at);

-- Signing keys created by the server, sealed with a key derived from VESTIBULE_SECRET.
create table signing_keys (
    kid text primary key,
    sealed bytea not null,
    created_at timestamptz not null
);
