-- Automations: what staff publish, what waits to start them, and the runs of contacts through them.
create table workflows (
    account_id uuid not null references accounts (id),
    id uuid not null,
    name text not null,
    status text not null check (status in ('DRAFT', 'PUBLISHED', 'PAUSED', 'ARCHIVED')),
    -- The draft.
    definition jsonb not null,
    published_version integer check (published_version > 0),
    -- Whether events that happen during a pause are kept.
    keeps_events boolean not null default true,
    paused_at timestamptz,
    -- The position of the last event that starts no run, because it happened before the publication or in a pause.
    skips_until bigint not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    updated_by text not null,
    primary key (account_id, id),
    check (status not in ('PUBLISHED', 'PAUSED') or published_version is not null),
    check ((status = 'PAUSED') = (paused_at is not null))
);

-- What was published. Rows are never changed.
create table workflow_versions (
    account_id uuid not null,
    workflow_id uuid not null,
    version integer not null check (version > 0),
    definition jsonb not null,
    -- The mailing of each step that sends, by its key.
    mailings jsonb not null,
    published_at timestamptz not null,
    published_by text not null,
    primary key (account_id, workflow_id, version),
    foreign key (account_id, workflow_id) references workflows (account_id, id)
);

-- The kinds of events that workflows listen to: an event of another kind is not queued.
create table workflow_triggers (
    account_id uuid not null,
    event_kind text not null,
    workflow_id uuid not null,
    primary key (account_id, event_kind, workflow_id),
    foreign key (account_id, workflow_id) references workflows (account_id, id)
);

-- The start triggers that time fires, and how far each has been checked.
create table workflow_timers (
    account_id uuid not null,
    workflow_id uuid not null,
    trigger text not null check (trigger in ('INVITATION_UNANSWERED', 'CONTACT_INACTIVE')),
    days integer not null check (days > 0),
    -- What became due until then has been queued.
    checked_until timestamptz not null,
    primary key (account_id, workflow_id, trigger, days),
    foreign key (account_id, workflow_id) references workflows (account_id, id)
);
create index workflow_timers_due on workflow_timers (checked_until);

-- Events that workflows have not seen yet. Without a reference to the contact: the worker locks these rows before contacts.
create table workflow_events (
    account_id uuid not null references accounts (id),
    event_id uuid not null,
    -- The order in which they happened, whatever the clocks of several servers say.
    position bigint not null generated always as identity,
    contact_id uuid not null,
    kind text not null,
    subject text,
    detail jsonb,
    at timestamptz not null,
    -- How many workflows led to it, one after another.
    generation integer not null,
    primary key (account_id, event_id)
);
create index workflow_events_order on workflow_events (position, account_id);

-- The way of a contact through a version of a workflow.
create table workflow_runs (
    account_id uuid not null,
    id uuid not null,
    workflow_id uuid not null,
    version integer not null,
    contact_id uuid not null,
    event_id uuid not null,
    trigger text not null,
    -- The offer, course or community that its event is about, for merge fields.
    subject_id uuid,
    status text not null check (status in ('RUNNING', 'COMPLETED', 'STOPPED', 'FAILED')),
    -- The step that is next, or was last.
    step_key text not null,
    -- How often the run has come to this step.
    visit integer not null,
    -- How many steps it has left behind.
    step_count integer not null default 0,
    -- When the step is next; null once the run has ended.
    due_at timestamptz,
    -- Whether the step, a wait, has begun.
    waiting boolean not null default false,
    -- The trigger that ends the wait before it is due, and whether it did.
    waits_for text,
    -- The position of the last event that does not end it, because it happened before.
    waits_after bigint,
    woken boolean not null default false,
    -- Whether the workflow is paused.
    resting boolean not null,
    generation integer not null,
    attempt_count integer not null default 0,
    last_error text,
    started_at timestamptz not null,
    begun_at timestamptz,
    ended_at timestamptz,
    end_reason text,
    primary key (account_id, id),
    unique (account_id, workflow_id, contact_id, event_id),
    foreign key (account_id, workflow_id, version) references workflow_versions (account_id, workflow_id, version),
    foreign key (account_id, contact_id) references contacts (account_id, id) on delete cascade,
    check ((status = 'RUNNING') = (due_at is not null)),
    check ((status = 'RUNNING') = (ended_at is null))
);
create index workflow_runs_due on workflow_runs (due_at, account_id) where status = 'RUNNING' and not resting;
create index workflow_runs_of_step on workflow_runs (account_id, workflow_id, version, step_key, due_at) where status = 'RUNNING';
create index workflow_runs_of_contact on workflow_runs (account_id, contact_id, id);
create index workflow_runs_of_workflow on workflow_runs (account_id, workflow_id, status, id);
create index workflow_runs_waiting on workflow_runs (account_id, contact_id, waits_for) where waits_for is not null;

-- What happened to a run at a step.
create table workflow_steps (
    account_id uuid not null,
    run_id uuid not null,
    step_key text not null,
    visit integer not null,
    -- Its place in the run, from 0.
    position integer not null,
    -- None while a wait lasts.
    outcome text check (outcome in ('DONE', 'SKIPPED', 'FAILED', 'WAITED', 'TIMED_OUT', 'MATCHED', 'NOT_MATCHED')),
    reason text,
    message_id uuid,
    entered_at timestamptz not null,
    done_at timestamptz,
    primary key (account_id, run_id, step_key, visit),
    foreign key (account_id, run_id) references workflow_runs (account_id, id) on delete cascade,
    check ((outcome is null) = (done_at is null))
);
create index workflow_steps_of_message on workflow_steps (account_id, message_id) where message_id is not null;

create index workflow_runs_unbegun on workflow_runs (started_at) where begun_at is null and resting and status = 'RUNNING';
create index invitations_unanswered on invitations (account_id, last_sent_at) where accepted_at is null and cancelled_at is null;
