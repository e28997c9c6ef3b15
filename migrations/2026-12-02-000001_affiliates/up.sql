-- Where the links of affiliates lead that have no target of their own; the portal's own address if null.
alter table accounts add column affiliate_target_url text;

create table affiliates (
    account_id uuid not null,
    id uuid not null,
    contact_id uuid not null,
    -- The current code, which is in affiliate_codes too.
    code text not null,
    -- A target of its own.
    target_url text,
    status text not null check (status in ('ACTIVE', 'PAUSED')),
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id),
    unique (account_id, contact_id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade
);

-- Every code that an affiliate has or had: links with an earlier code still work, and no other affiliate gets it. A code is taken
-- before its affiliate is created, so the reference is checked at the commit.
create table affiliate_codes (
    account_id uuid not null,
    code text not null,
    affiliate_id uuid not null,
    created_at timestamptz not null,
    primary key (account_id, code),
    foreign key (account_id, affiliate_id) references affiliates (account_id, id) on delete cascade deferrable initially deferred
);
create index affiliate_codes_of_affiliate on affiliate_codes (account_id, affiliate_id);

-- The visitors of a day, hashed; they are deleted after two days. Without a foreign key: its check would lock the row of the affiliate
-- for each click.
create table affiliate_visitors (
    account_id uuid not null,
    affiliate_id uuid not null,
    visitor_hash bytea not null,
    seen_at timestamptz not null,
    primary key (account_id, affiliate_id, visitor_hash)
);
create index affiliate_visitors_seen on affiliate_visitors (seen_at);

-- The clicks of a UTC day. Several slots, so that many visitors at once don't wait for one row.
create table affiliate_clicks (
    account_id uuid not null,
    affiliate_id uuid not null,
    day date not null,
    slot smallint not null,
    clicks bigint not null,
    primary key (account_id, affiliate_id, day, slot),
    foreign key (account_id, affiliate_id) references affiliates (account_id, id) on delete cascade
);

create table affiliate_sales (
    account_id uuid not null,
    id uuid not null,
    affiliate_id uuid not null,
    -- The id of the sale in the system that recorded it.
    external_id text not null,
    -- In minor units of the currency.
    amount bigint not null,
    commission bigint not null,
    -- ISO 4217.
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    status text not null check (status in ('PENDING', 'APPROVED', 'PAID', 'DENIED')),
    -- The status that it was recorded with, which a repeat must have too.
    recorded_status text not null,
    -- When it was first set to PAID.
    paid_at timestamptz,
    sold_at timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, id),
    unique (account_id, external_id),
    check (amount >= 0 and commission between 0 and amount),
    foreign key (account_id, affiliate_id) references affiliates (account_id, id) on delete cascade
);
create index affiliate_sales_of_affiliate on affiliate_sales (account_id, affiliate_id, id);
