-- The domain that an account's emails are sent from, once its DNS records are verified.
--
-- It replaces accounts.sending_domain, which was never set. Instances of the earlier release still read that column while they are
-- restarted one by one, so it stays for now.
create table sending_domains (
    account_id uuid primary key references accounts (id),
    domain text not null,
    -- The name of the DKIM key in the DNS.
    selector text not null,
    -- The private key, sealed with a key of the server.
    sealed_key bytea not null,
    public_key text not null,
    status text not null check (status in ('PENDING', 'VERIFIED', 'FAILED')),
    problem text,
    -- The records at the last check that was answered.
    found jsonb not null,
    -- Since when it has not been verified: the waits between checks grow from here.
    waiting_since timestamptz not null,
    checked_at timestamptz,
    verified_at timestamptz,
    -- No more checks by themselves if it is null.
    next_check_at timestamptz
);

-- Two accounts may wait for one domain; only one of them can have verified it.
create unique index sending_domains_verified on sending_domains (domain) where status = 'VERIFIED';

create index sending_domains_due on sending_domains (next_check_at) where next_check_at is not null;
