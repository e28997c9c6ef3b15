drop index idempotency_keys_answers;
update messages set status = 'SENT' where status = 'KEPT';
alter table messages
    drop constraint messages_status_check,
    add constraint messages_status_check check (status in
        ('QUEUED', 'SENDING', 'SENT', 'DEFERRED', 'BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED'));
