drop table account_logos;
alter table accounts
    drop column secondary_color,
    drop column logo_url,
    drop column logo_file;
