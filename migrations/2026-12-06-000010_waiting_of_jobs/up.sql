-- The messages of a bulk job that are not sent yet: how many wait, and those that pausing or cancelling the job stops.
create index messages_waiting_of_jobs on messages (account_id, bulk_job_id)
    where bulk_job_id is not null and status in ('QUEUED', 'DEFERRED', 'SENDING');
