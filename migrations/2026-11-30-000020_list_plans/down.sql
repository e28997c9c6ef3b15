drop index invitations_cancelled;
drop index invitations_by_expiry;
drop index messages_by_address;
create index messages_by_address on messages (account_id, lower(address collate "C"), id) where contact_id is not null;
drop index messages_of_other_channels;
drop index messages_by_subject;
create index messages_of_status on messages (account_id, status, id);
create index messages_of_kind on messages (account_id, kind, id) where contact_id is not null;
drop index messages_by_class;
