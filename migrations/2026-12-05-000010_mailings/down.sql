delete from messages where kind = 'WRITTEN';
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'SIGN_UP_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED', 'CONTACTS_MERGED', 'TEST')) not valid;
drop table mailings;
