alter table bulk_jobs
    drop constraint bulk_jobs_kind_check,
    add constraint bulk_jobs_kind_check check (kind in ('INVITE', 'LOGIN_EMAIL', 'IMPORT', 'ACCESS', 'TAG', 'MESSAGE'));
