drop index contacts_by_revoked_at;
drop index contacts_by_first_invited_at;
alter table accounts drop column timezone;
