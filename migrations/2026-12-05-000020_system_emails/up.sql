-- An account's own texts of the emails that the system sends, in place of the built-in ones.
create table system_emails (
    account_id uuid not null references accounts (id),
    kind text not null check (kind in ('INVITATION', 'LOGIN_EMAIL', 'MAGIC_LINK', 'REQUESTED_LOGIN', 'LOGIN_CODE', 'SIGN_UP_CODE',
        'PASSWORD_RESET', 'PASSWORD_CHANGED', 'NEW_DEVICE', 'ADDRESS_CHANGED', 'CONTACTS_MERGED', 'STAFF_LOGIN', 'TEAM_INVITATION')),
    language text not null check (language in ('en', 'es', 'de', 'fr')),
    subject text not null,
    -- In Markdown.
    body text not null,
    updated_at timestamptz not null,
    -- The member or key that wrote it.
    updated_by text not null,
    primary key (account_id, kind, language)
);
