-- The holder's address when the session was opened: a session never counts as proof of another address.
alter table sessions add column email_key text;

-- ADDRESS_CHANGED: a notice to the previous address that the contact's address changed.
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'DECOY', 'LOGIN_CODE', 'STAFF_LOGIN',
        'PASSWORD_RESET', 'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED'));
