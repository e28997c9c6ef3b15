drop trigger audit_events_are_kept on audit_events;
drop function refuse_audit_change();
drop trigger contacts_truncated on contacts;
drop trigger contacts_updated on contacts;
drop trigger contacts_deleted on contacts;
drop trigger contacts_inserted on contacts;
drop function refuse_truncate(), contacts_updated(), contacts_deleted(), contacts_inserted(), add_contact_changes(contact_change[]);
drop type contact_change;
drop table account_seen_days, account_counts;
