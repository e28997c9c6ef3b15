//! Makes runs of queued events, wakes the runs that wait for them, and stops those that end when their contact joins.
//!
//! One transaction takes events, in their order, and locks the workflows that listen to them: so each sees the runs of the events before
//! it, and neither a pause nor a publication happens in between. One worker at a time takes those of an account. The transactions that cause events touch neither workflows nor runs.

mod rows;

use std::collections::{HashMap, HashSet};

use tracing::Instrument;
use uuid::Uuid;

use self::rows::{EarlierRuns, NewRun, WaitingRun};
use super::Workflow;
use super::definition::{Definition, WorkflowReentry};
use super::event::QueuedEvent;
use super::run::WorkflowEndReason;
use super::version::{VersionKey, WorkflowVersion};
use crate::base::audit::EventKind;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ContactId, WorkflowId, WorkflowRunId};
use crate::base::trace;

/// Events of one transaction.
const MAX_EVENTS: i64 = 500;

/// How often workflows may lead to each other, one after another.
pub(crate) const MAX_GENERATIONS: i32 = 20;

/// The account whose turn it was.
#[derive(Debug)]
pub(crate) struct Entered {
    pub account: AccountId,
    /// The workflows whose runs changed; `None` if the events must wait for another transaction.
    pub workflows: Option<Vec<WorkflowId>>,
}

/// A workflow that listens, and the version that starts.
struct Listener {
    workflow: Workflow,
    version: i32,
    definition: Definition,
}

type Pair = (WorkflowId, ContactId);

/// What the events change.
#[derive(Default)]
struct Changes {
    new: Vec<NewRun>,
    woken: HashSet<WorkflowRunId>,
    /// Runs that ended because their contact joined.
    joined: HashSet<Pair>,
}

/// Takes the next events, but none of these accounts; `None` if there are none.
pub(crate) async fn enter_next(
    conn: &mut Conn,
    served: &[AccountId],
    moment: &Moment,
) -> Result<Option<Entered>> {
    let events = QueuedEvent::take(conn, served, MAX_EVENTS).await?;
    let Some(account) = events.first().map(|event| event.account_id) else {
        return Ok(None);
    };
    let span = trace::turn_span("workflow events", None, Some(events.len()));
    let entered = enter(conn, account, &events, moment).instrument(span);
    Ok(Some(Entered {
        account,
        workflows: entered.await?,
    }))
}

/// The workflows whose runs changed; `None` if the events must wait.
async fn enter(
    conn: &mut Conn,
    account: AccountId,
    events: &[QueuedEvent],
    moment: &Moment,
) -> Result<Option<Vec<WorkflowId>>> {
    if !rows::lock_account(conn, account).await? {
        return Ok(None);
    }
    let present = rows::lock_contacts(conn, account, events).await?;
    let known: Vec<&QueuedEvent> = events
        .iter()
        .filter(|event| present.contains(&event.contact_id))
        .collect();
    let Some(listeners) = Listener::lock(conn, account, &known).await? else {
        return Ok(None);
    };
    let mut changed = Vec::new();
    if !listeners.is_empty() {
        let changes = Entering::read(conn, account, &listeners, &known)
            .await?
            .changes(&known);
        changed = changes.save(conn, account, moment).await?;
    }
    rows::delete_events(conn, account, events).await?;
    Ok(Some(changed))
}

impl Listener {
    /// The workflows that listen to any of the events, in the order of their ids. Their rows stay locked. `None` if another transaction
    /// has locked one.
    async fn lock(conn: &mut Conn, account: AccountId, events: &[&QueuedEvent]) -> Result<Option<Vec<Self>>> {
        let Some(rows) = rows::lock_listening(conn, account, events).await? else {
            return Ok(None);
        };
        let key = |row: &Workflow| Some((row.id, row.published_version?));
        let keys: Vec<VersionKey> = rows.iter().filter_map(key).collect();
        let versions = WorkflowVersion::find_many(conn, account, &keys).await?;
        let mut definitions = HashMap::new();
        for version in versions {
            definitions.insert((version.workflow_id, version.version), version.definition()?);
        }
        let listener = |workflow: Workflow| {
            let key = key(&workflow)?;
            Some(Self {
                definition: definitions.remove(&key)?,
                version: key.1,
                workflow,
            })
        };
        Ok(Some(rows.into_iter().filter_map(listener).collect()))
    }
}

/// What is read for a batch of events.
struct Entering<'a> {
    listeners: &'a [Listener],
    earlier: HashMap<Pair, EarlierRuns>,
    waiting: HashMap<Pair, Vec<WaitingRun>>,
    /// Of the waiting runs.
    definitions: HashMap<VersionKey, Definition>,
    changes: Changes,
}

impl<'a> Entering<'a> {
    async fn read(
        conn: &mut Conn,
        account: AccountId,
        listeners: &'a [Listener],
        events: &[&QueuedEvent],
    ) -> Result<Self> {
        let workflows: Vec<WorkflowId> = listeners.iter().map(|one| one.workflow.id).collect();
        let contacts: HashSet<ContactId> = events.iter().map(|event| event.contact_id).collect();
        let contacts: Vec<ContactId> = contacts.into_iter().collect();
        let waiting = WaitingRun::read(conn, account, &workflows, &contacts).await?;
        let keys: HashSet<VersionKey> = waiting.iter().map(|run| (run.workflow_id, run.version)).collect();
        let keys: Vec<VersionKey> = keys.into_iter().collect();
        let mut definitions = HashMap::new();
        for version in WorkflowVersion::find_many(conn, account, &keys).await? {
            definitions.insert((version.workflow_id, version.version), version.definition()?);
        }
        let mut by_pair: HashMap<Pair, Vec<WaitingRun>> = HashMap::new();
        for run in waiting {
            by_pair
                .entry((run.workflow_id, run.contact_id))
                .or_default()
                .push(run);
        }
        Ok(Self {
            earlier: EarlierRuns::read(conn, account, &workflows, &contacts).await?,
            waiting: by_pair,
            definitions,
            listeners,
            changes: Changes::default(),
        })
    }

    fn changes(mut self, events: &[&QueuedEvent]) -> Changes {
        for event in events {
            for listener in self.listeners {
                self.stop(event, listener);
                self.wake(event, listener);
                self.start(event, listener);
            }
        }
        self.changes
    }

    /// Ends the runs of a contact who joined, if the workflow says so.
    fn stop(&mut self, event: &QueuedEvent, listener: &Listener) {
        let joined = event.kind == EventKind::Joined.as_str();
        if !joined || !listener.definition.settings.stop_on_join {
            return;
        }
        let pair = (listener.workflow.id, event.contact_id);
        if let Some(earlier) = self.earlier.get_mut(&pair) {
            earlier.running = false;
        }
        self.waiting.remove(&pair);
        self.changes.joined.insert(pair);
        for run in &mut self.changes.new {
            if (run.workflow, run.contact) == pair && run.ended.is_none() {
                run.ended = Some(WorkflowEndReason::Joined);
            }
        }
    }

    /// Wakes the runs that wait for the event.
    fn wake(&mut self, event: &QueuedEvent, listener: &Listener) {
        let pair = (listener.workflow.id, event.contact_id);
        for run in self.waiting.get(&pair).into_iter().flatten() {
            let definition = self.definitions.get(&(run.workflow_id, run.version));
            let step = definition.and_then(|definition| definition.step(&run.step_key));
            let awaited = step.and_then(|step| step.awaited());
            let after = run.waits_after.is_none_or(|before| event.position > before);
            if after && awaited.is_some_and(|rule| event.matches(listener.workflow.id, rule)) {
                self.changes.woken.insert(run.id);
            }
        }
    }

    /// Starts a run, if the event is one of those that do and the contact may enter.
    fn start(&mut self, event: &QueuedEvent, listener: &Listener) {
        let (workflow, definition) = (&listener.workflow, &listener.definition);
        if event.position <= workflow.skips_until {
            return;
        }
        let rule = definition
            .triggers
            .iter()
            .find(|rule| event.matches(workflow.id, rule));
        let (Some(rule), Some(first)) = (rule, definition.steps.first()) else {
            return;
        };
        let earlier = self.earlier.entry((workflow.id, event.contact_id)).or_default();
        let may_enter = match definition.settings.reentry {
            WorkflowReentry::Never => !earlier.any,
            WorkflowReentry::AfterEnd => !earlier.running,
            WorkflowReentry::Always => true,
        };
        if !may_enter || !earlier.events.insert(event.event_id) {
            return;
        }
        let ended = (event.generation > MAX_GENERATIONS).then_some(WorkflowEndReason::Loop);
        earlier.any = true;
        earlier.running |= ended.is_none();
        self.changes.new.push(NewRun {
            workflow: workflow.id,
            version: listener.version,
            contact: event.contact_id,
            event: event.event_id,
            trigger: rule.trigger,
            subject: event.about(),
            step_key: first.key.clone(),
            resting: workflow.rests(),
            generation: event.generation,
            ended,
        });
    }
}

impl Changes {
    /// Returns the workflows whose runs changed.
    async fn save(self, conn: &mut Conn, account: AccountId, moment: &Moment) -> Result<Vec<WorkflowId>> {
        let Self { new, woken, joined } = self;
        let mut changed = rows::end_joined(conn, account, &joined, moment.now).await?;
        changed.extend(rows::wake(conn, account, &woken, moment.now).await?);
        NewRun::insert(conn, account, &new, moment).await?;
        changed.extend(new.iter().map(|run| run.workflow));
        changed.sort_unstable();
        changed.dedup();
        Ok(changed)
    }
}

/// The events of runs, so that an event starts one run of a workflow for a contact.
type SeenEvents = HashSet<Uuid>;
