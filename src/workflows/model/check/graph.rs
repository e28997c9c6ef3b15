//! How steps follow each other: each follows from the first, and no run goes in circles without a wait.

use std::collections::{HashMap, HashSet};

use super::WorkflowProblem;
use crate::workflows::model::definition::{Action, Step, Wait};

/// The steps by their keys. Of two with the same key, the first.
type Indexes<'a> = HashMap<&'a str, usize>;

pub(super) fn check(steps: &[Step]) -> Vec<WorkflowProblem> {
    let mut indexes = Indexes::new();
    for (index, step) in steps.iter().enumerate() {
        indexes.entry(&step.key).or_insert(index);
    }
    let mut problems = unknown(steps, &indexes);
    // They would follow from what is wrong already.
    if problems.is_empty() {
        problems.extend(unreachable(steps, &indexes));
        problems.extend(endless(steps, &indexes));
    }
    problems
}

fn unknown(steps: &[Step], indexes: &Indexes<'_>) -> Vec<WorkflowProblem> {
    let mut problems = Vec::new();
    for step in steps.iter().enumerate() {
        for (field, key) in [("next", step.1.next.as_ref()), ("otherwise", step.1.otherwise())] {
            let Some(key) = key.filter(|key| !indexes.contains_key(&key[..])) else {
                continue;
            };
            let message = format!("there is no step {}.", crate::base::plain_text::escaped(key, 40));
            problems.push(WorkflowProblem::at_step(step, field, message));
        }
    }
    problems
}

fn successors<'a>(
    steps: &'a [Step],
    indexes: &'a Indexes<'_>,
    index: usize,
) -> impl Iterator<Item = usize> + 'a {
    let keys = steps[index].successors();
    keys.filter_map(|key| indexes.get(&key[..]).copied())
}

fn unreachable(steps: &[Step], indexes: &Indexes<'_>) -> Vec<WorkflowProblem> {
    let mut reached = HashSet::new();
    let mut open = vec![0];
    while let Some(index) = open.pop() {
        if index < steps.len() && reached.insert(index) {
            open.extend(successors(steps, indexes, index));
        }
    }
    let unreached = steps
        .iter()
        .enumerate()
        .filter(|(index, _)| !reached.contains(index));
    let message = "no step leads to it: name it in the next of a step, or take it out.";
    unreached
        .map(|step| WorkflowProblem::at_step(step, "key", message))
        .collect()
}

/// Whether a run stays at the step for a while, each time that it comes.
fn rests(step: &Step) -> bool {
    match &step.action {
        Action::Wait(Wait::For(span)) => span.minutes() >= 1,
        Action::Wait(Wait::UntilTime(_) | Wait::Event { .. }) => true,
        _ => false,
    }
}

/// The first step of a circle without a wait.
fn endless(steps: &[Step], indexes: &Indexes<'_>) -> Option<WorkflowProblem> {
    let busy = |index: &usize| !rests(&steps[*index]);
    // Takes out what leads to no circle, until only circles and what leads to them are left.
    let mut left: HashSet<usize> = (0..steps.len()).filter(busy).collect();
    loop {
        let ends = |index: &usize| !successors(steps, indexes, *index).any(|next| left.contains(&next));
        let ending: Vec<usize> = left.iter().copied().filter(ends).collect();
        if ending.is_empty() {
            break;
        }
        left.retain(|index| !ending.contains(index));
    }
    // Of the rest, a step that leads back to itself.
    let leads_back = |start: &usize| {
        let (mut seen, mut open) = (HashSet::new(), vec![*start]);
        while let Some(index) = open.pop() {
            for next in successors(steps, indexes, index).filter(|next| left.contains(next)) {
                if next == *start {
                    return true;
                }
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        false
    };
    let index = (0..steps.len())
        .filter(|index| left.contains(index))
        .find(leads_back)?;
    let message = "it leads back to itself without a wait: add a wait for a time or an event to the circle.";
    Some(WorkflowProblem::at_step((index, &steps[index]), "next", message))
}
