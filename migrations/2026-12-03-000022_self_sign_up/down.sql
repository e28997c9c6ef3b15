drop index messages_without_recipient;
delete from messages where kind = 'SIGN_UP_CODE';
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED', 'CONTACTS_MERGED')) not valid;
alter table challenges drop column sign_up_email;
alter table accounts drop column self_sign_up;
