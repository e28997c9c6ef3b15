update messages set status = 'SENT' where status = 'DELIVERED';
alter table messages
    drop constraint messages_status_check,
    add constraint messages_status_check check (status in
        ('QUEUED', 'SENDING', 'SENT', 'KEPT', 'DEFERRED', 'BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED'));
