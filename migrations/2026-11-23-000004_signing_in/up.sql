-- Passwords, codes, Google, resets, second confirmations, attempts, teams, the audit log's rules.

-- The sign-in methods of an account, and its settings.
alter table accounts
    add column password_allowed boolean not null default true,
    add column code_allowed boolean not null default true,
    add column google_allowed boolean not null default true,
    add column link_allowed boolean not null default true,
    add column shortest_password smallint not null default 15 check (shortest_password between 8 and 15),
    add column audit_days smallint check (audit_days between 30 and 3650);

-- When the contact first proved the mailbox of its current address. Passwords and Google links that are older are invalid:
-- another person may have set them.
alter table contacts add column email_proved_at timestamptz;

alter table sessions
    add column magic_link_id uuid,
    add column challenge_id uuid,
    add column device_hash bytea,
    add column proved_at timestamptz;
create index sessions_of_member on sessions (account_id, team_member_id) where team_member_id is not null;
create index sessions_of_link on sessions (account_id, magic_link_id) where magic_link_id is not null;

-- Passwords of contacts and team members. A holder's id is the id of the contact or of the team member.
create table passwords (
    account_id uuid not null references accounts (id),
    holder_id uuid not null,
    contact_id uuid,
    team_member_id uuid,
    hash text not null,
    set_at timestamptz not null,
    disabled_at timestamptz,
    primary key (account_id, holder_id),
    check ((contact_id is null) <> (team_member_id is null)),
    check (holder_id = coalesce(contact_id, team_member_id)),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    foreign key (account_id, team_member_id) references team_members (account_id, id)
);

-- Accounts at an identity provider, by issuer and subject, never by address.
create table identities (
    account_id uuid not null references accounts (id),
    audience text not null check (audience in ('PORTAL', 'DASHBOARD')),
    issuer text not null,
    subject text not null,
    holder_id uuid not null,
    contact_id uuid,
    team_member_id uuid,
    email text not null,
    linked_at timestamptz not null,
    last_used_at timestamptz,
    primary key (account_id, audience, issuer, subject),
    check ((contact_id is null) <> (team_member_id is null)),
    check (holder_id = coalesce(contact_id, team_member_id)),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    foreign key (account_id, team_member_id) references team_members (account_id, id)
);
create index identities_of_holder on identities (account_id, holder_id);

-- ID tokens that were used: each signs in once.
create table used_id_tokens (
    account_id uuid not null references accounts (id),
    token_hash bytea not null,
    expires_at timestamptz not null,
    primary key (account_id, token_hash)
);

-- Failed attempts in a row at one target, known or not; a target is a hash. Also the attempts by one source, in a window.
create table attempts (
    account_id uuid not null references accounts (id),
    target bytea not null,
    failed_count integer not null,
    first_failed_at timestamptz not null,
    last_failed_at timestamptz not null,
    blocked_until timestamptz,
    primary key (account_id, target)
);
create index attempts_by_time on attempts (last_failed_at);

-- A requested password reset. Unknown addresses get a row too.
create table password_resets (
    account_id uuid not null references accounts (id),
    id uuid not null,
    audience text not null check (audience in ('PORTAL', 'DASHBOARD')),
    contact_id uuid,
    team_member_id uuid,
    email_key text not null,
    secret_hash bytea not null,
    mailed boolean not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    ended_at timestamptz,
    primary key (account_id, id),
    unique (account_id, secret_hash),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    foreign key (account_id, team_member_id) references team_members (account_id, id)
);
create index password_resets_of_address on password_resets (account_id, email_key, created_at);

-- One challenge, two secrets: the link and the code. The code itself is not stored: it is derived from the challenge's id with
-- a key of the server.
alter table challenges
    add column team_member_id uuid,
    add column staff_link_id uuid,
    add column by_code boolean not null default false,
    add column try_count smallint not null default 0,
    add column superseded_at timestamptz,
    add column opened_at timestamptz,
    add column confirmed_at timestamptz,
    add column confirmed_by uuid,
    add column completed_at timestamptz,
    add column ended_at timestamptz,
    add constraint challenges_of_member foreign key (account_id, team_member_id) references team_members (account_id, id);
create index challenges_of_link on challenges (account_id, magic_link_id) where magic_link_id is not null;
-- A code arrives with the id of its challenge, without the account.
create unique index challenges_by_id on challenges (id);

alter table staff_links add column challenge_id uuid;

-- What a message is about, by its kind: a challenge, a reset, a session, a staff link.
alter table messages
    add column team_member_id uuid,
    add column about uuid,
    -- When it was reported by 'This wasn't me'.
    add column not_me_at timestamptz,
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'DECOY', 'LOGIN_CODE', 'STAFF_LOGIN',
        'PASSWORD_RESET', 'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION')),
    add constraint messages_of_member foreign key (account_id, team_member_id) references team_members (account_id, id);

-- Email to an address can be paused: its owner reported that they did not request it.
alter table suppressions add column expires_at timestamptz;

alter table api_keys
    add column created_by text not null default 'system',
    add column hint text not null default '';

alter table team_members
    add column invited_by text not null default 'system',
    add column joined_at timestamptz,
    add column last_seen_at timestamptz;

-- A page of the log costs the same for one kind, one actor, one subject, or only refusals.
create index audit_events_by_kind on audit_events (account_id, kind, id);
create index audit_events_by_staff on audit_events (account_id, actor, id)
    where actor <> 'system' and actor not like 'contact\_%';
create index audit_events_by_subject on audit_events (account_id, subject, id) where subject is not null;
create index audit_events_refused on audit_events (account_id, id) where outcome <> 'OK';

-- Replaces the rule of 000002, which allowed no deletion.
drop trigger audit_events_are_kept on audit_events;
drop function refuse_audit_change();

-- Rows are written once. Only rows older than the time set by the sweeper may be deleted.
create function keep_audit_events() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and old.at < nullif(current_setting('vestibule.audit_horizon', true), '')::timestamptz then
        return old;
    end if;
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_events_kept before delete on audit_events
    for each row execute function keep_audit_events();
create trigger audit_events_not_changed before update or truncate on audit_events
    for each statement execute function keep_audit_events();

alter table signing_keys add column retired_at timestamptz;
