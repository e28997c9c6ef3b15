-- Finds the few messages that are due among many that wait for a later time. The last condition always holds. It keeps the index
-- for the one statement that repeats it: with stale statistics, PostgreSQL would take it for claims instead of messages_due_flows.
create index messages_due on messages (priority, due_at)
    where status in ('QUEUED', 'DEFERRED', 'SENDING') and attempt_count >= 0;
