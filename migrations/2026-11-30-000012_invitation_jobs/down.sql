delete from bulk_jobs where kind in ('RESEND_INVITATIONS', 'CANCEL_INVITATIONS');
alter table bulk_jobs
    drop constraint bulk_jobs_kind_check,
    add constraint bulk_jobs_kind_check check (kind in ('INVITE', 'LOGIN_EMAIL', 'IMPORT', 'ACCESS', 'TAG', 'MESSAGE'));
