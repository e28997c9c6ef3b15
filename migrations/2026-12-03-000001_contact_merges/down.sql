drop index bulk_job_items_of_contact;
drop trigger audit_events_not_truncated on audit_events;
drop trigger audit_events_not_changed on audit_events;
drop function change_audit_event;
create trigger audit_events_not_changed before update or truncate on audit_events
    for each statement execute function keep_audit_events();
delete from messages where kind = 'CONTACTS_MERGED';
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED'));
