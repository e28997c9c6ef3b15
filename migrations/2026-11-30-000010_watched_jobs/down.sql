drop index bulk_jobs_unfinished;
