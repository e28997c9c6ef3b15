alter table signing_keys drop column retired_at;
drop trigger audit_events_not_emptied on audit_events;
drop trigger audit_events_kept on audit_events;
drop function keep_audit_events();
drop index audit_events_by_kind, audit_events_by_staff, audit_events_refused;
alter table team_members drop column invited_by, drop column joined_at, drop column last_seen_at;
alter table api_keys drop column created_by, drop column hint;
alter table suppressions drop column expires_at;
delete from messages where kind not in ('INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'DECOY');
alter table messages
    drop column team_member_id, drop column about,
    drop constraint messages_kind_check,
    add constraint messages_kind_check check (kind in ('INVITATION', 'LOGIN_EMAIL', 'REQUESTED_LOGIN', 'MAGIC_LINK', 'DECOY'));
alter table staff_links drop column challenge_id;
drop index challenges_by_id;
alter table challenges
    drop column team_member_id, drop column staff_link_id, drop column by_code, drop column try_count,
    drop column superseded_at, drop column opened_at, drop column confirmed_at, drop column confirmed_by,
    drop column completed_at, drop column ended_at;
drop table password_resets, attempts, used_id_tokens, identities, passwords;
drop index sessions_of_member, sessions_of_link;
alter table sessions drop column magic_link_id, drop column challenge_id, drop column device_hash, drop column proved_at;
alter table contacts drop column email_proved_at;
alter table accounts
    drop column password_allowed, drop column code_allowed, drop column google_allowed, drop column link_allowed,
    drop column shortest_password, drop column audit_days;
