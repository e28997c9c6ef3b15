-- Lists of messages: each kind and status, and each subject, newest first.
create index messages_by_class on messages (account_id, kind, status, id) where contact_id is not null;
drop index messages_of_kind;
drop index messages_of_status;
create index messages_by_subject on messages (account_id, kind, subject, status, id)
    where contact_id is not null and subject is not null;

-- No email.
create index messages_of_other_channels on messages (account_id, channel, id) where channel <> 'EMAIL';

-- PostgreSQL uses the statistics of an expression only if its index has all rows.
drop index messages_by_address;
create index messages_by_address on messages (account_id, lower(address collate "C"), id);

create index invitations_by_expiry on invitations (account_id, expires_at);
create index invitations_cancelled on invitations (account_id, id) where accepted_at is null and cancelled_at is not null;
