drop index messages_of_mailing;
create index messages_by_subject on messages (account_id, kind, left(subject, 200), status, id)
    where contact_id is not null and subject is not null;
