-- The unfinished jobs of an account, for those who watch all of them.
create index bulk_jobs_unfinished on bulk_jobs (account_id, id) where status in ('QUEUED', 'RUNNING', 'PAUSED');
