-- A team member sees the portal as a contact does: a link that is open for a minute becomes a view of 15 minutes in the browser that
-- opened it. No foreign keys to the contact and the session: a view whose contact was deleted says so. It is deleted after a day.
create table portal_views (
    account_id uuid not null references accounts (id),
    id uuid not null,
    team_member_id uuid not null,
    -- The session of the dashboard that made it: it ends with that session.
    session_id uuid not null,
    contact_id uuid not null,
    link_hash bytea not null,
    created_at timestamptz not null,
    -- Of the link, then of the view.
    expires_at timestamptz not null,
    opened_at timestamptz,
    cookie_hash bytea,
    ended_at timestamptz,
    primary key (account_id, id),
    unique (account_id, link_hash),
    unique (account_id, cookie_hash),
    foreign key (account_id, team_member_id) references team_members (account_id, id),
    check ((opened_at is null) = (cookie_hash is null))
);
create index portal_views_created on portal_views (created_at);
