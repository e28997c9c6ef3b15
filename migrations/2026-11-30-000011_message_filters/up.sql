-- The lists of messages by the beginning of their address, and by kind.
create index messages_by_address on messages (account_id, lower(address collate "C"), id) where contact_id is not null;
create index messages_of_kind on messages (account_id, kind, id) where contact_id is not null;
