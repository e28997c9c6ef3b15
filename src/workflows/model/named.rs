//! What is wrong with what a definition names: templates, offers, courses, communities.

mod templates;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::check::{WorkflowProblem, check};
use super::definition::{Action, Definition, Step, TriggerRule};
use crate::access::model::change::Found;
use crate::access::model::{ContentStatus, Target};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::{AccountId, LessonId, ModuleId, TemplateId};
use crate::contacts::model::list::Conditions;
use crate::courses::model::lesson::Lesson;
use crate::courses::model::outline::find_modules;
use crate::templates::model::Template;
use crate::templates::trigger::WorkflowTrigger;

/// What a definition names, as far as the account has it.
pub(crate) struct Named {
    pub templates: HashMap<TemplateId, Template>,
    /// Those that have the login URL.
    pub with_login_url: HashSet<TemplateId>,
    targets: Found,
    modules: Vec<ModuleId>,
    lessons: Vec<LessonId>,
}

/// The rules of a definition, each with the path of its field.
fn rules(definition: &Definition) -> impl Iterator<Item = (String, &TriggerRule)> {
    let starts = definition.triggers.iter().enumerate();
    let starts = starts.map(|(index, rule)| (format!("triggers.{index}"), rule));
    let waits = definition.steps.iter().enumerate();
    let waits =
        waits.filter_map(|(index, step)| Some((format!("steps.{index}.wait.event"), step.awaited()?)));
    starts.chain(waits)
}

fn parsed<T: std::str::FromStr>(definition: &Definition) -> Vec<T> {
    rules(definition)
        .flat_map(|(_, rule)| &rule.targets)
        .filter_map(|text| text.parse().ok())
        .collect()
}

impl Named {
    /// What a definition names, and all problems of the definition.
    pub(crate) async fn examine(
        conn: &mut Conn,
        account: AccountId,
        definition: &Definition,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<WorkflowProblem>)> {
        let mut problems = check(definition, now);
        let mut named = Self::read(conn, account, definition, now).await?;
        problems.extend(named.check(definition, now).await?);
        Ok((named, problems))
    }

    async fn read(
        conn: &mut Conn,
        account: AccountId,
        definition: &Definition,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let steps = definition.steps.iter();
        let templates: Vec<TemplateId> = steps
            .clone()
            .filter_map(|step| Some(step.template()?.1))
            .collect();
        let templates = match &templates[..] {
            [] => Vec::new(),
            ids => Template::find_many(conn, account, ids).await?,
        };
        let mut targets: Vec<Target> = steps.clone().filter_map(Step::target).collect();
        targets.extend(
            steps
                .flat_map(|step| conditions_of(step, now))
                .map(|(_, target)| target),
        );
        targets.extend(parsed::<Target>(definition));
        let (modules, lessons): (Vec<ModuleId>, Vec<LessonId>) = (parsed(definition), parsed(definition));
        let modules = match &modules[..] {
            [] => Vec::new(),
            ids => find_modules(conn, account, ids).await?,
        };
        let lessons = match &lessons[..] {
            [] => Vec::new(),
            ids => Lesson::find_many(conn, account, ids).await?,
        };
        Ok(Self {
            templates: templates.into_iter().map(|one| (one.row.id, one)).collect(),
            with_login_url: HashSet::new(),
            targets: Found::read(conn, account, targets.iter()).await?,
            modules: modules.into_iter().map(|(module, _)| module.id).collect(),
            lessons: lessons.into_iter().map(|lesson| lesson.id).collect(),
        })
    }

    /// All problems with what is named.
    async fn check(&mut self, definition: &Definition, now: DateTime<Utc>) -> Result<Vec<WorkflowProblem>> {
        let mut problems: Vec<WorkflowProblem> = Vec::new();
        for (field, rule) in rules(definition) {
            problems.extend(self.check_rule(&field, rule));
        }
        let errors = self.check_templates(definition).await?;
        for step in definition.steps.iter().enumerate() {
            problems.extend(self.check_target(step));
            problems.extend(self.check_conditions(step, now));
            if let Some((channel, id)) = step.1.template() {
                let error = errors.get(&(id, step.1.marketing()));
                problems.extend(self.check_template(step, channel, id, error));
            }
        }
        Ok(problems)
    }

    fn status(&self, target: Target) -> Option<ContentStatus> {
        self.targets.status(target, String::new).ok()
    }

    fn check_rule(&self, field: &str, rule: &TriggerRule) -> Vec<WorkflowProblem> {
        let nouns = nouns_of(rule.trigger);
        let wrong = |(index, id): (usize, &String)| {
            let problem = match noun_of(id) {
                Some(noun) if !nouns.contains(&noun) => {
                    format!(
                        "{} is not about {} {noun}: leave it out.",
                        rule.trigger.as_str(),
                        article(noun)
                    )
                }
                Some(noun) if !self.has(id) => format!("There is no such {noun}."),
                None => match nouns.first() {
                    Some(noun) => format!("Name the id of {} {noun}.", article(noun)),
                    None => format!(
                        "{} is about nothing that can be named: leave it out.",
                        rule.trigger.as_str()
                    ),
                },
                Some(_) => return None,
            };
            Some(WorkflowProblem::new(
                format!("{field}.targetIds.{index}"),
                problem,
            ))
        };
        rule.targets.iter().enumerate().filter_map(wrong).collect()
    }

    fn has(&self, id: &str) -> bool {
        let target = || self.status(id.parse().ok()?);
        let module = || id.parse::<ModuleId>().is_ok_and(|id| self.modules.contains(&id));
        let lesson = || id.parse::<LessonId>().is_ok_and(|id| self.lessons.contains(&id));
        target().is_some() || module() || lesson()
    }

    fn check_target(&self, step: (usize, &Step)) -> Option<WorkflowProblem> {
        let target = step.1.target()?;
        let noun = target.noun();
        let revokes = matches!(step.1.action, Action::RevokeOffer(_));
        let message = match (self.status(target), target) {
            (None, _) => format!("there is no such {noun}."),
            (Some(_), _) if revokes => return None,
            (Some(ContentStatus::Archived), _) => {
                format!("this {noun} is archived: publish it again, or choose another.")
            }
            (Some(ContentStatus::Draft), Target::Offer(_)) => {
                "this offer is a draft: publish it, or choose another.".to_owned()
            }
            (Some(_), _) => return None,
        };
        Some(WorkflowProblem::at_step(step, &format!("{noun}Id"), message))
    }

    fn check_conditions(&self, step: (usize, &Step), now: DateTime<Utc>) -> Vec<WorkflowProblem> {
        let Action::Branch { conditions, .. } = &step.1.action else {
            return Vec::new();
        };
        if let Err(error) = Conditions::new(conditions.clone()).parse("condition", now) {
            let field = error.field.clone().unwrap_or_else(|| "condition".to_owned());
            return vec![WorkflowProblem::at_step(step, &field, error.message())];
        }
        let named = conditions_of(step.1, now).into_iter();
        let wrong = |(name, target): (String, Target)| {
            let noun = target.noun();
            let message = match self.status(target) {
                None => format!("there is no such {noun}."),
                Some(ContentStatus::Archived) => format!("this {noun} is archived: leave it out."),
                Some(_) => return None,
            };
            Some(WorkflowProblem::at_step(
                step,
                &format!("condition.{name}"),
                message,
            ))
        };
        named.filter_map(wrong).collect()
    }
}

/// What the conditions of a branch name, each with its place among them.
fn conditions_of(step: &Step, now: DateTime<Utc>) -> Vec<(String, Target)> {
    let Action::Branch { conditions, .. } = &step.action else {
        return Vec::new();
    };
    let filter = Conditions::new(conditions.clone()).parse("condition", now);
    filter.map(|filter| filter.targets()).unwrap_or_default()
}

fn article(noun: &str) -> &'static str {
    if noun == "offer" { "an" } else { "a" }
}

/// What the event of a trigger may be about.
fn nouns_of(trigger: WorkflowTrigger) -> &'static [&'static str] {
    use WorkflowTrigger as T;
    match trigger {
        T::OfferAccessGranted | T::OfferAccessRevoked => &["offer"],
        T::CourseAssigned | T::CourseRevoked | T::CourseStarted | T::CourseCompleted => &["course"],
        T::ModuleCompleted => &["module", "course"],
        T::LessonCompleted => &["lesson", "module", "course"],
        T::CommunityAccessGranted | T::CommunityAccessRevoked => &["community"],
        T::NewSignUp
        | T::ContactInvited
        | T::ContactJoined
        | T::PortalSignIn
        | T::InvitationUnanswered
        | T::ContactInactive
        | T::AffiliateEnrolled
        | T::AffiliateSale
        | T::ContactCreated
        | T::TagAdded
        | T::TagRemoved
        | T::MessageReceived => &[],
    }
}

/// What the id is of, if an event may be about that.
fn noun_of(id: &str) -> Option<&'static str> {
    let target = || id.parse().ok().map(|target: Target| target.noun());
    let module = || id.parse().ok().map(|_: ModuleId| "module");
    let lesson = || id.parse().ok().map(|_: LessonId| "lesson");
    target().or_else(module).or_else(lesson)
}
