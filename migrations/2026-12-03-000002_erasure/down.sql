drop trigger contacts_updated_suppressed on contacts;
drop trigger contacts_inserted_suppressed on contacts;
drop function restore_suppressions;
drop function erased_address_hash;
drop table erased_suppressions;
delete from affiliates where contact_id is null;
alter table affiliates alter column contact_id set not null;
