-- The kind DECOY was written by earlier releases only, for messages without a recipient.
--
-- The table may be large, so each step commits by itself: the exclusive lock ends before the rows are checked. A step that is
-- repeated after a crash has no further effect.
begin;
delete from messages where kind = 'DECOY';
commit;

begin;
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED')) not valid;
commit;

alter table messages validate constraint messages_kind_check;
