drop trigger keep_account_slug on accounts;
drop function keep_account_slug();
alter table accounts drop column renamed_at;
drop table account_slugs;
