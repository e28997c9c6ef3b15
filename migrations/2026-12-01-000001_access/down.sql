delete from bulk_jobs where kind = 'GRANT';
alter table bulk_jobs
    drop constraint bulk_jobs_kind_check,
    add constraint bulk_jobs_kind_check check (kind in (
        'INVITE', 'LOGIN_EMAIL', 'RESEND_INVITATIONS', 'CANCEL_INVITATIONS', 'IMPORT', 'ACCESS', 'TAG', 'MESSAGE'));
drop view access_paths;
drop table access_grants, offer_items, offers, announcements, communities, lesson_progress, lessons, course_modules, courses;
