alter table bulk_jobs
    drop constraint bulk_jobs_kind_check,
    add constraint bulk_jobs_kind_check check (kind in (
        'INVITE', 'LOGIN_EMAIL', 'RESEND_INVITATIONS', 'CANCEL_INVITATIONS', 'IMPORT', 'ACCESS', 'TAG', 'MESSAGE'));
