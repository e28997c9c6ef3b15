-- Mails that a server without a mail server keeps as files were never sent.
alter table messages
    drop constraint messages_status_check,
    add constraint messages_status_check check (status in
        ('QUEUED', 'SENDING', 'SENT', 'KEPT', 'DEFERRED', 'BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED'));

-- Kept answers leave as soon as their time is over.
create index idempotency_keys_answers on idempotency_keys (answer_until) where answer is not null;
