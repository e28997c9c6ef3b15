-- Emails that are kept as files, because no SMTP server is set, were not sent.
alter table messages
    drop constraint messages_status_check,
    add constraint messages_status_check check (status in
        ('QUEUED', 'SENDING', 'SENT', 'KEPT', 'DEFERRED', 'BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED'));

-- Expired responses are deleted.
create index idempotency_keys_answers on idempotency_keys (answer_until) where answer is not null;
