-- A subject may name its recipient: there are as many as messages, and an index of long ones can't be written.
drop index messages_by_subject;

-- What a mailing was sent to.
create index messages_of_mailing on messages (account_id, about) where kind = 'WRITTEN';
