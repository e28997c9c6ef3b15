-- The hosts whose pages may be shown in a frame: host names, or `*.` and a domain.
alter table accounts add column frame_hosts text[] not null default '{}';

create table menu_items (
    account_id uuid not null references accounts (id),
    id uuid not null,
    audience text not null check (audience in ('PORTAL', 'DASHBOARD')),
    -- From 0 on, without gaps.
    position integer not null,
    title text not null,
    icon text not null,
    section text check (section in ('HOME', 'COURSES', 'COMMUNITIES', 'AFFILIATES')),
    url text,
    opens_in text not null check (opens_in in ('SAME_TAB', 'NEW_TAB', 'FRAME')),
    -- In the portal: what a contact must have; everyone sees the item if all are null.
    offer_id uuid,
    course_id uuid,
    community_id uuid,
    -- In the dashboard: the least role that sees the item.
    minimum_role text check (minimum_role in ('OWNER', 'ADMIN', 'STAFF', 'READ_ONLY')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id),
    unique (account_id, audience, position) deferrable initially deferred,
    check (num_nonnulls(section, url) = 1),
    check (opens_in <> 'FRAME' or url is not null),
    check (num_nonnulls(offer_id, course_id, community_id) <= case audience when 'PORTAL' then 1 else 0 end),
    check ((audience = 'DASHBOARD') = (minimum_role is not null)),
    foreign key (account_id, offer_id) references offers (account_id, id),
    foreign key (account_id, course_id) references courses (account_id, id),
    foreign key (account_id, community_id) references communities (account_id, id)
);
