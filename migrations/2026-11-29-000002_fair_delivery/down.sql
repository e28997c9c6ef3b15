create index messages_due on messages (priority, due_at) where status in ('QUEUED', 'DEFERRED', 'SENDING');
drop index messages_due_flows;
