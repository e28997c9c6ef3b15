-- CONTACTS_MERGED: a notice to both addresses that two contacts became one.
--
-- The table may be large, so each step commits by itself: the exclusive lock ends before the rows are checked. A step that is
-- repeated after a crash has no further effect.
begin;
alter table messages
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in (
        'INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'LOGIN_CODE', 'STAFF_LOGIN', 'PASSWORD_RESET',
        'PASSWORD_CHANGED', 'NEW_DEVICE', 'TEAM_INVITATION', 'ADDRESS_CHANGED', 'CONTACTS_MERGED')) not valid;
commit;

alter table messages validate constraint messages_kind_check;

-- The audit log is still written once, with two exceptions, each of which a transaction must ask for: a merge gives the events of a
-- contact to another one, and an erasure empties what is personal in them. What happened, when, and with what outcome never changes.
begin;
create or replace function change_audit_event() returns trigger language plpgsql as $$
declare
    allowed audit_events := old;
begin
    case current_setting('vestibule.audit_change', true)
        when 'MERGE' then
            allowed.contact_id := new.contact_id;
            allowed.actor := new.actor;
        when 'ERASE' then
            allowed.detail := null;
            allowed.ip := null;
            allowed.user_agent := null;
        else
            raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
    end case;
    if new is distinct from allowed then
        raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create or replace trigger audit_events_not_changed before update on audit_events
    for each row execute function change_audit_event();
create or replace trigger audit_events_not_truncated before truncate on audit_events
    for each statement execute function keep_audit_events();
commit;

-- The items of jobs that name a contact.
create index if not exists bulk_job_items_of_contact on bulk_job_items (account_id, contact_id) where contact_id is not null;
