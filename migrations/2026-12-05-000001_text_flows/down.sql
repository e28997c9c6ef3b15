drop index messages_due_flows;
create index messages_due_flows on messages (priority, account_id, split_part(address, '@', -1), due_at)
    where status in ('QUEUED', 'DEFERRED', 'SENDING');
