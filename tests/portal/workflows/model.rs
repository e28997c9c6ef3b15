//! The engine against a simple model: random workflows, events, clock moves, crashes, pauses and publications.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::contents::{Rooms, text};
use crate::support::{TestWorker, wait_until};

/// A seeded generator (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("small")
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }
}

/// A tag that staff set, and that starts runs or ends waits.
fn event_tag(number: usize) -> String {
    format!("event {number}")
}

#[derive(Clone, Debug, PartialEq)]
enum Action {
    Add(String),
    Remove(String),
    Branch(String),
    Wait(i64),
    Event(String, i64),
    Stop,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    action: Action,
    next: Option<usize>,
    otherwise: Option<usize>,
}

fn key(step: usize) -> String {
    format!("step_{step}")
}

/// Each step leads to the one after it, so that all are reached; only waits lead back.
fn graph(random: &mut Random) -> Vec<Step> {
    let count = 2 + random.below(5);
    let mut steps = Vec::new();
    for index in 0..count {
        let last = index + 1 == count;
        let forward = |random: &mut Random| {
            let target = index + 1 + random.below(count - index);
            (target < count).then_some(target)
        };
        let anywhere = |random: &mut Random| (!random.one_in(4)).then(|| random.below(count));
        let tag = format!("tag {}", random.below(3));
        let hours = 1 + random.below(5) as i64;
        let (action, waits) = match random.below(6) {
            0 => (Action::Add(tag), false),
            1 => (Action::Remove(tag), false),
            2 if !last => (Action::Branch(tag), false),
            3 => (Action::Event(event_tag(1 + random.below(2)), hours), true),
            4 if last => (Action::Stop, false),
            _ => (Action::Wait(hours), true),
        };
        let chained = (!last).then_some(index + 1);
        let two_ways = matches!(action, Action::Branch(_) | Action::Event(..));
        let other = if waits { anywhere(random) } else { forward(random) };
        steps.push(Step {
            next: match action {
                Action::Stop => None,
                _ if two_ways => other,
                Action::Wait(_) if last => anywhere(random),
                _ => chained,
            },
            otherwise: if two_ways { chained } else { None },
            action,
        });
    }
    steps
}

fn input(steps: &[Step]) -> Value {
    let shown = |(index, step): (usize, &Step)| {
        let (own, next) = (key(index), step.next.map(key));
        let otherwise = step.otherwise.map(key);
        let hours = |amount: i64| json!({"amount": amount, "unit": "HOURS"});
        match &step.action {
            Action::Add(tag) => json!({"addTags": {"key": own, "tags": [tag], "next": next}}),
            Action::Remove(tag) => json!({"removeTags": {"key": own, "tags": [tag], "next": next}}),
            Action::Branch(tag) => {
                json!({"branch": {"key": own, "condition": {"tags": [tag]}, "next": next, "otherwise": otherwise}})
            }
            Action::Wait(amount) => json!({"wait": {"key": own, "duration": hours(*amount), "next": next}}),
            Action::Event(tag, amount) => {
                json!({"wait": {"key": own, "event": {"trigger": "TAG_ADDED", "tags": [tag]},
                "atMost": hours(*amount), "next": next, "otherwise": otherwise}})
            }
            Action::Stop => json!({"stop": {"key": own}}),
        }
    };
    steps.iter().enumerate().map(shown).collect()
}

#[derive(Clone, Debug)]
struct Run {
    steps: Vec<Step>,
    at: usize,
    visit: usize,
    due: i64,
    waiting: bool,
    woken: bool,
    status: &'static str,
    visits: BTreeMap<(usize, usize), &'static str>,
}

/// What the engine should do.
struct Model {
    hour: i64,
    tags: BTreeSet<String>,
    paused: bool,
    keeps: bool,
    published: Vec<Step>,
    never_again: bool,
    runs: Vec<Run>,
}

impl Model {
    fn event(&mut self, tag: &str) {
        if !self.tags.insert(tag.to_owned()) || (self.paused && !self.keeps) {
            return;
        }
        for run in self
            .runs
            .iter_mut()
            .filter(|run| run.status == "RUNNING" && run.waiting && !run.woken)
        {
            if matches!(&run.steps[run.at].action, Action::Event(awaited, _) if awaited == tag) {
                (run.woken, run.due) = (true, self.hour);
            }
        }
        let running = self.runs.iter().any(|run| run.status == "RUNNING");
        let may_enter = if self.never_again {
            self.runs.is_empty()
        } else {
            !running
        };
        if tag == event_tag(0) && may_enter {
            self.runs.push(Run {
                steps: self.published.clone(),
                at: 0,
                visit: 1,
                due: self.hour,
                waiting: false,
                woken: false,
                status: "RUNNING",
                visits: BTreeMap::new(),
            });
        }
        self.work();
    }

    fn work(&mut self) {
        let Self {
            hour, tags, paused, ..
        } = self;
        for run in &mut self.runs {
            while !*paused && run.status == "RUNNING" && run.due <= *hour {
                run.advance(tags, *hour);
            }
        }
    }

    fn publish(&mut self, steps: Vec<Step>, in_flight: &str) {
        if steps == self.published {
            self.paused = false;
            return self.work();
        }
        let hour = self.hour;
        for run in self.runs.iter_mut().filter(|run| run.status == "RUNNING") {
            match in_flight {
                "STOP" => run.status = "STOPPED",
                "MOVE" if run.at >= steps.len() => run.status = "STOPPED",
                "MOVE" => {
                    if !same(&run.steps[run.at], &steps[run.at]) {
                        (run.waiting, run.woken, run.due) = (false, false, hour);
                    }
                    run.steps.clone_from(&steps);
                }
                _ => {}
            }
        }
        self.published = steps;
        self.paused = false;
        self.work();
    }
}

/// Whether a step does the same, wherever `next` leads.
fn same(one: &Step, other: &Step) -> bool {
    let two_ways = matches!(one.action, Action::Branch(_) | Action::Event(..));
    one.action == other.action && (!two_ways || one.otherwise == other.otherwise)
}

impl Run {
    fn advance(&mut self, tags: &mut BTreeSet<String>, hour: i64) {
        let step = self.steps[self.at].clone();
        let (outcome, next) = match &step.action {
            Action::Add(tag) => {
                tags.insert(tag.clone());
                ("DONE", step.next)
            }
            Action::Remove(tag) => {
                tags.remove(tag);
                ("DONE", step.next)
            }
            Action::Branch(tag) if tags.contains(tag) => ("MATCHED", step.next),
            Action::Branch(_) => ("NOT_MATCHED", step.otherwise),
            Action::Stop => ("DONE", None),
            Action::Wait(hours) | Action::Event(_, hours) if !self.waiting => {
                (self.waiting, self.due) = (true, hour + hours);
                self.visits.insert((self.at, self.visit), "-");
                return;
            }
            Action::Wait(_) => ("WAITED", step.next),
            Action::Event(..) if self.woken => ("MATCHED", step.next),
            Action::Event(..) => ("TIMED_OUT", step.otherwise),
        };
        self.visits.insert((self.at, self.visit), outcome);
        (self.waiting, self.woken, self.due) = (false, false, hour);
        match next {
            Some(next) => {
                self.at = next;
                self.visit = 1 + self.visits.keys().filter(|(step, _)| *step == next).count();
            }
            None => self.status = "COMPLETED",
        }
    }
}

/// The engine, with a worker that is killed now and then.
struct Engine {
    rooms: Rooms,
    id: String,
    worker: Option<TestWorker>,
}

impl Engine {
    async fn write(&self, mutation: &str, more: Value) {
        let mut input = json!({"workflowId": self.id});
        crate::contents::merge(&mut input, more);
        self.rooms.write(mutation, input, "workflow { id }").await;
    }

    async fn tag(&self, add: &[&str], remove: &[&str]) {
        let input = super::tag_input(&self.rooms, add, remove);
        self.rooms.write("updateContactTags", input, "count").await;
    }

    async fn settle(&self) {
        let test = &self.rooms.api.test;
        let now = test.clock.now().to_rfc3339();
        let open = format!(
            "select (select count(*) from workflow_events) + (select count(*) from workflow_runs \
             where status = 'RUNNING' and not resting and due_at <= '{now}')"
        );
        test.parts
            .live
            .nudge(test.account.id, &[vestibule::live::Topic::Activity]);
        wait_until("nothing is due", async || test.test.number(&open).await == 0).await;
    }

    /// The runs as the model has them: status, and outcomes by step and visit.
    async fn runs(&self) -> Vec<Value> {
        let query = "select jsonb_build_object('status', r.status, 'visits', (select jsonb_agg(jsonb_build_array(s.step_key, s.visit, \
            coalesce(s.outcome, '-')) order by s.step_key, s.visit) from workflow_steps s where s.run_id = r.id))::text \
            from workflow_runs r order by r.id";
        let rows = self.rooms.api.test.test.texts(query).await;
        let parse = |row: String| serde_json::from_str(&row).expect("JSON");
        rows.into_iter().flatten().map(parse).collect()
    }
}

fn expected(model: &Model) -> Vec<Value> {
    let shown = |run: &Run| {
        let visit = |((step, visit), outcome): (&(usize, usize), &&str)| json!([key(*step), visit, outcome]);
        let visits: Vec<Value> = run.visits.iter().map(visit).collect();
        json!({"status": run.status, "visits": if visits.is_empty() { Value::Null } else { json!(visits) }})
    };
    model.runs.iter().map(shown).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_does_what_the_model_says() {
    for seed in 1..=6 {
        compare(seed).await;
    }
}

async fn compare(seed: u64) {
    let mut random = Random(seed);
    let rooms = Rooms::open().await;
    let steps = graph(&mut random);
    let never_again = random.one_in(3);
    let reentry = if never_again { "NEVER" } else { "AFTER_END" };
    let created = json!({"name": "A workflow", "triggers": super::tag_added(&event_tag(0)), "steps": input(&steps),
        "settings": {"reentry": reentry}});
    let created = rooms.write("createWorkflow", created, "workflow { id }").await;
    let worker = Some(rooms.api.test.start_worker());
    let mut engine = Engine {
        id: text(&created["workflow"]["id"]),
        rooms,
        worker,
    };
    engine.write("publishWorkflow", json!({})).await;
    let mut model = Model {
        hour: 0,
        tags: BTreeSet::new(),
        paused: false,
        keeps: true,
        published: steps,
        never_again,
        runs: Vec::new(),
    };
    let mut log = Vec::new();
    for _ in 0..25 {
        log.push(act(&mut random, &mut engine, &mut model).await);
        engine.settle().await;
        assert_eq!(engine.runs().await, expected(&model), "seed {seed}: {log:#?}");
        let tags = "select unnest(tags) from contacts order by 1";
        let tags: BTreeSet<String> = engine
            .rooms
            .api
            .test
            .test
            .texts(tags)
            .await
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(tags, model.tags, "seed {seed}: {log:#?}");
    }
}

/// Does one thing to both.
async fn act(random: &mut Random, engine: &mut Engine, model: &mut Model) -> String {
    match random.below(10) {
        0..=3 => {
            let tag = event_tag(random.below(3));
            engine.tag(&[], &[&tag]).await;
            model.tags.remove(&tag);
            engine.tag(&[&tag], &[]).await;
            model.event(&tag);
            tag
        }
        4..=6 => {
            let hours = 1 + random.below(3) as i64;
            engine.rooms.api.test.clock.advance(TimeDelta::hours(hours));
            model.hour += hours;
            model.work();
            format!("{hours} hours")
        }
        7 => {
            engine.worker = None;
            engine.worker = Some(engine.rooms.api.test.start_worker());
            "a crash".to_owned()
        }
        8 if model.paused => {
            engine.write("resumeWorkflow", json!({})).await;
            model.paused = false;
            model.work();
            "resumed".to_owned()
        }
        8 => {
            let keeps = random.one_in(2);
            engine.write("pauseWorkflow", json!({"keepEvents": keeps})).await;
            (model.paused, model.keeps) = (true, keeps);
            format!("paused, keeping: {keeps}")
        }
        _ => {
            let steps = graph(random);
            let in_flight = ["FINISH", "MOVE", "STOP"][random.below(3)];
            engine
                .write("updateWorkflow", json!({"steps": input(&steps)}))
                .await;
            engine
                .write("publishWorkflow", json!({"inFlight": in_flight}))
                .await;
            let shown = format!("{in_flight}: {steps:?}");
            model.publish(steps, in_flight);
            shown
        }
    }
}
