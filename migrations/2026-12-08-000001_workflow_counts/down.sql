drop index workflow_runs_ended;
alter table workflow_runs drop column steps_deleted;
drop table workflow_step_counts;
