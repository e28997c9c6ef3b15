-- The address that the session's holder had when it was opened: a session never counts as proof of another one.
alter table sessions add column email_key text;

-- It tells the old address of a contact that the contact has another one.
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'DECOY', 'LOGIN_CODE', 'STAFF_LOGIN',
        'PASSWORD_RESET', 'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED'));
