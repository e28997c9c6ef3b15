-- How often a step of a workflow had which outcome, in all versions.
create table workflow_step_counts (
    account_id uuid not null,
    workflow_id uuid not null,
    step_key text not null,
    outcome text not null,
    count bigint not null check (count > 0),
    primary key (account_id, workflow_id, step_key, outcome),
    foreign key (account_id, workflow_id) references workflows (account_id, id)
) with (fillfactor = 50);

insert into workflow_step_counts (account_id, workflow_id, step_key, outcome, count)
select r.account_id, r.workflow_id, s.step_key, s.outcome, count(*)
from workflow_steps s
join workflow_runs r on r.account_id = s.account_id and r.id = s.run_id
where s.outcome is not null
group by r.account_id, r.workflow_id, s.step_key, s.outcome;

-- Whether its steps were deleted because it ended long ago.
alter table workflow_runs add column steps_deleted boolean not null default false;
create index workflow_runs_ended on workflow_runs (ended_at) where not steps_deleted and ended_at is not null;
