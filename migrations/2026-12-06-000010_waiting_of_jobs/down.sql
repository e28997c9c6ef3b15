-- Messages of paused jobs have a priority that no earlier release sends or gives up.
update messages set status = 'CANCELLED' where priority = 3 and status in ('QUEUED', 'DEFERRED');
drop index messages_waiting_of_jobs;
