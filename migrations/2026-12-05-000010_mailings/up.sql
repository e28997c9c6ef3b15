-- What staff wrote to one or many contacts: the content of the messages of the kind WRITTEN, whose `about` is its id. Never changed.
create table mailings (
    account_id uuid not null references accounts (id),
    id uuid not null,
    channel text not null check (channel in ('EMAIL', 'SMS')),
    format text not null check (format in ('HTML', 'MARKDOWN', 'TEXT')),
    subject text,
    body text not null,
    text_part text,
    template_id uuid,
    template_version integer,
    -- Whether the content has the login URL: then each message gets a link of its own when it is sent.
    uses_login_url boolean not null,
    requested_by text not null,
    created_at timestamptz not null,
    primary key (account_id, id),
    check ((channel = 'SMS') = (format = 'TEXT')),
    check ((format = 'TEXT') = (subject is null)),
    check (text_part is null or format <> 'TEXT'),
    check ((template_id is null) = (template_version is null)),
    foreign key (account_id, template_id) references templates (account_id, id)
);

alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'SIGN_UP_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED', 'CONTACTS_MERGED', 'TEST', 'WRITTEN')) not valid;
