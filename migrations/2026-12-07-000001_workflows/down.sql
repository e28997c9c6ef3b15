drop index invitations_unanswered;
drop table workflow_steps;
drop table workflow_runs;
drop table workflow_events;
drop table workflow_timers;
drop table workflow_triggers;
drop table workflow_versions;
drop table workflows;
