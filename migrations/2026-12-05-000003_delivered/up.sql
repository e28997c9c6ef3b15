-- DELIVERED: text messages that the recipient's network has delivered.
--
-- The table may be large, so each step commits by itself: the exclusive lock ends before the rows are checked. A step that is
-- repeated after a crash has no further effect.
begin;
alter table messages
    drop constraint messages_status_check,
    add constraint messages_status_check check (status in
        ('QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'KEPT', 'DEFERRED', 'BOUNCED', 'FAILED', 'SUPPRESSED', 'CANCELLED')) not valid;
commit;

alter table messages validate constraint messages_status_check;
