-- Claims take turns between accounts, and between the recipient domains of an account.
create index messages_due_flows on messages (priority, account_id, split_part(address, '@', -1), due_at)
    where status in ('QUEUED', 'DEFERRED', 'SENDING');
drop index messages_due;
