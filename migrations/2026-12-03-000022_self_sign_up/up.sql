-- Whether visitors may sign up to the portal by themselves.
alter table accounts add column self_sign_up boolean not null default false;

-- The address as it was typed, if the challenge was emailed to no contact: the right code creates one.
alter table challenges add column sign_up_email text;

alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'SIGN_UP_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED', 'CONTACTS_MERGED')) not valid;
-- Codes that were sent to addresses of no contact: few, and deleted after a week.
create index messages_without_recipient on messages (account_id, about) where contact_id is null and team_member_id is null;
