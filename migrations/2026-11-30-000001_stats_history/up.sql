-- The zone of the account's days, weeks and months.
alter table accounts add column timezone text not null default 'UTC';

-- For the history of the counts. Joins are found by contacts_by_joined_at.
create index contacts_by_first_invited_at on contacts (account_id, first_invited_at) where first_invited_at is not null;
create index contacts_by_revoked_at on contacts (account_id, revoked_at) where revoked_at is not null;
