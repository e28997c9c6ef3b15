-- Mutations that a client may repeat with the same Idempotency-Key. The row is written in the mutation's transaction; its
-- response follows, encrypted with a key derived from the client's.

create table idempotency_keys (
    account_id uuid not null references accounts (id) on delete cascade,
    viewer_id uuid not null,
    key_hash bytea not null,
    request_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    answer bytea,
    answer_until timestamptz,
    primary key (account_id, viewer_id, key_hash)
);
