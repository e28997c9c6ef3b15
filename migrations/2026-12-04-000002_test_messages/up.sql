-- What team members send to themselves, saved or not; deleted after a day.
create table test_messages (
    account_id uuid not null references accounts (id),
    id uuid not null,
    team_member_id uuid not null,
    format text not null check (format in ('HTML', 'MARKDOWN')),
    subject text not null,
    body text not null,
    text_part text,
    -- Whose values it shows; examples if null.
    contact_id uuid,
    created_at timestamptz not null,
    primary key (account_id, id),
    foreign key (account_id, team_member_id) references team_members (account_id, id),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete set null (contact_id)
);
create index test_messages_of_member on test_messages (account_id, team_member_id, created_at);
create index test_messages_of_contact on test_messages (account_id, contact_id) where contact_id is not null;
create index test_messages_created on test_messages (created_at);

alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'SIGN_UP_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED', 'CONTACTS_MERGED', 'TEST')) not valid;
