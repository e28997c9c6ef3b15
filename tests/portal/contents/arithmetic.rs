//! The arithmetic of access: after random grants, revocations, changes of offers and passing time, a contact may open exactly
//! what a simple model says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::Rooms;

type Time = DateTime<Utc>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Course(usize),
    Offer(usize),
}

#[derive(Default)]
struct Model {
    /// The live grants: start and end.
    grants: BTreeMap<Target, (Time, Option<Time>)>,
    /// What each offer holds, when its contents open, and its days.
    offers: Vec<(BTreeSet<usize>, Option<Time>, Option<i64>)>,
}

impl Model {
    /// When a new grant would end; `Err` if the service refuses it, because it would end before it opens.
    fn end(&self, target: Target, begins: Time, ends: Option<Time>) -> Result<Option<Time>, ()> {
        let (opening, days) = match target {
            Target::Course(_) => (None, None),
            Target::Offer(offer) => (self.offers[offer].1, self.offers[offer].2),
        };
        let opens = opening.map_or(begins, |opening| opening.max(begins));
        let ends = ends.or(days.map(|days| opens + TimeDelta::days(days)));
        if ends.is_some_and(|ends| ends <= opens) {
            Err(())
        } else {
            Ok(ends)
        }
    }

    fn grant(&mut self, target: Target, new: (Time, Option<Time>), exact: bool, now: Time) {
        let merged = match self.grants.get(&target) {
            Some((_, Some(end))) if *end <= now => new,
            Some((start, end)) if !exact => {
                let later = end.zip(new.1).map(|(one, two)| one.max(two));
                ((*start).min(new.0), later)
            }
            _ => new,
        };
        self.grants.insert(target, merged);
    }

    fn open(&self, now: Time) -> BTreeSet<usize> {
        let mut open = BTreeSet::new();
        for (target, (starts, ends)) in &self.grants {
            if *starts > now || ends.is_some_and(|ends| ends <= now) {
                continue;
            }
            match target {
                Target::Course(course) => {
                    open.insert(*course);
                }
                Target::Offer(offer) => {
                    let (courses, opens, _) = &self.offers[*offer];
                    if opens.is_none_or(|opens| opens <= now) {
                        open.extend(courses);
                    }
                }
            }
        }
        open
    }
}

struct Run {
    rooms: Rooms,
    courses: Vec<String>,
    offers: Vec<String>,
    model: Model,
    rng: StdRng,
}

fn rfc3339(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Run {
    async fn open(seed: u64) -> Self {
        let rooms = Rooms::open().await;
        let (mut courses, mut offers, mut model) = (Vec::new(), Vec::new(), Model::default());
        for number in 0..3 {
            courses.push(rooms.course(&number.to_string()).await);
        }
        for (course, id) in courses.iter().take(2).enumerate() {
            offers.push(rooms.offer(json!({"courseIds": [id]})).await);
            model.offers.push(([course].into(), None, None));
        }
        Self {
            rooms,
            courses,
            offers,
            model,
            rng: StdRng::seed_from_u64(seed),
        }
    }

    fn now(&self) -> Time {
        self.rooms.api.test.clock.now()
    }

    fn target(&mut self) -> Target {
        if self.rng.random_bool(0.5) {
            Target::Course(self.rng.random_range(0..3))
        } else {
            Target::Offer(self.rng.random_range(0..2))
        }
    }

    /// A time in the next days, or none.
    fn later(&mut self) -> Option<Time> {
        let now = self.now();
        self.rng
            .random_bool(0.4)
            .then(|| now + TimeDelta::days(self.rng.random_range(1..6)))
    }

    async fn change_access(&mut self, target: Target, add: bool, mut more: Value) {
        let id = self.rooms.id();
        let (mutation, input) = match target {
            Target::Course(course) => {
                let list = if add { "add" } else { "remove" };
                (
                    "assignCourses",
                    json!({"contactId": id, list: [self.courses[course]]}),
                )
            }
            Target::Offer(offer) => {
                let input = json!({"offerId": self.offers[offer], "selection": {"contactIds": [id]}});
                (if add { "grantOffer" } else { "revokeOffer" }, input)
            }
        };
        super::merge(&mut more, input);
        let done = self.rooms.write(mutation, more, "count").await;
        assert_eq!(done["count"], 1);
    }

    async fn step(&mut self) {
        match self.rng.random_range(0..10) {
            0..4 => {
                let (target, now) = (self.target(), self.now());
                let starts = self.later();
                let begins = starts.unwrap_or(now);
                let ends = self.later().filter(|ends| *ends > begins);
                let Ok(end) = self.model.end(target, begins, ends) else {
                    return;
                };
                let exact = starts.is_some() || ends.is_some();
                self.model.grant(target, (begins, end), exact, now);
                let dates = json!({"startsAt": starts.map(rfc3339), "endsAt": ends.map(rfc3339)});
                self.change_access(target, true, dates).await;
            }
            4..6 => {
                let target = self.target();
                self.model.grants.remove(&target);
                self.change_access(target, false, json!({})).await;
            }
            6..8 => {
                let offer = self.rng.random_range(0..2);
                let mut courses: BTreeSet<usize> = (0..3).filter(|_| self.rng.random_bool(0.5)).collect();
                courses.insert(self.rng.random_range(0..3));
                let opens = self.later();
                let days = self.rng.random_bool(0.5).then(|| self.rng.random_range(1..6));
                let ids: Vec<&String> = courses.iter().map(|course| &self.courses[*course]).collect();
                let input = json!({"offerId": self.offers[offer], "courseIds": ids,
                    "startsAt": opens.map(rfc3339), "durationDays": days});
                self.rooms.write("updateOffer", input, "offer { id }").await;
                self.model.offers[offer] = (courses, opens, days);
            }
            _ => {
                let hours = self.rng.random_range(1..72);
                self.rooms.api.test.clock.advance(TimeDelta::hours(hours));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_changes_open_exactly_what_a_simple_model_says() {
    for seed in 0..4 {
        let mut run = Run::open(seed).await;
        for step in 0..60 {
            run.step().await;
            let expected: Vec<String> = run.model.open(run.now()).iter().map(usize::to_string).collect();
            assert_eq!(
                run.rooms.open_courses().await,
                expected,
                "seed {seed}, step {step}"
            );
        }
    }
}
