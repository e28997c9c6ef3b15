-- A second colour, and a logo: the address that it was fetched from, and the name of the file that the portal serves, with its size.
alter table accounts
    add column secondary_color text check (secondary_color ~ '^#[0-9a-f]{6}$'),
    add column logo_url text,
    add column logo_file text check (logo_file ~ '^[0-9a-f]{32}-[1-9][0-9]{0,2}x[1-9][0-9]{0,2}\.png$'),
    add check ((logo_url is null) = (logo_file is null));

create table account_logos (
    account_id uuid primary key references accounts on delete cascade,
    png bytea not null
);
