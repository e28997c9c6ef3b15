use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const QUICK: Duration = Duration::from_millis(1);
const SLOW: Duration = Duration::from_secs(30);

fn queue() -> FairQueue<usize> {
    FairQueue::new(Places::of(32))
}

fn flow(account: u128, domain: &str) -> Flow {
    Flow {
        account_id: AccountId(Uuid::from_u128(account)),
        domain: domain.to_owned(),
    }
}

fn add(queue: &mut FairQueue<usize>, lane: Lane, flow: &Flow, count: usize) {
    let queued = (0..count).map(|item| Queued {
        lane,
        flow: flow.clone(),
        item,
    });
    let queued = queued.collect();
    queue.fill(lane, &Claims::new(), queued);
}

fn start_all(queue: &mut FairQueue<usize>) -> Vec<Queued<usize>> {
    std::iter::from_fn(|| queue.start_next()).collect()
}

/// Lets an account and a domain have all the places that they can have.
fn make_quick(queue: &mut FairQueue<usize>, account: u128, domain: &str) {
    for _ in 0..4 {
        add(queue, Lane::Standard, &flow(account, domain), 1);
        let started = queue.start_next().expect("a place");
        queue.finish(Lane::Standard, &started.flow, Some(QUICK));
    }
}

fn of_account(started: &[Queued<usize>], account: u128) -> usize {
    let account = AccountId(Uuid::from_u128(account));
    started
        .iter()
        .filter(|one| one.flow.account_id == account)
        .count()
}

#[test]
fn accounts_take_turns_whatever_waits() {
    let mut queue = queue();
    make_quick(&mut queue, 1, "a.example");
    make_quick(&mut queue, 2, "a.example");
    add(&mut queue, Lane::Standard, &flow(1, "a.example"), 200);
    add(&mut queue, Lane::Standard, &flow(2, "a.example"), 4);
    let started: Vec<_> = (0..8).filter_map(|_| queue.start_next()).collect();
    assert_eq!((of_account(&started, 1), of_account(&started, 2)), (4, 4));
}

#[test]
fn an_account_holds_half_of_the_places() {
    let mut queue = queue();
    for domain in ["a.example", "b.example"] {
        make_quick(&mut queue, 1, domain);
    }
    for domain in ["a.example", "b.example"] {
        add(&mut queue, Lane::Standard, &flow(1, domain), 200);
    }
    assert_eq!(start_all(&mut queue).len(), 16);
}

#[test]
fn urgent_messages_have_reserved_places_and_come_first() {
    let mut queue = queue();
    let bulk = [(1, "a.example"), (2, "b.example")];
    for (account, domain) in bulk {
        make_quick(&mut queue, account, domain);
        make_quick(&mut queue, account + 2, domain);
    }
    for (account, domain) in bulk {
        add(&mut queue, Lane::Standard, &flow(account, domain), 200);
    }
    assert_eq!(start_all(&mut queue).len(), 24);
    add(&mut queue, Lane::Urgent, &flow(3, "a.example"), 8);
    let urgent = start_all(&mut queue);
    assert_eq!((urgent.len(), of_account(&urgent, 3)), (8, 8));
    queue.finish(Lane::Urgent, &urgent[0].flow, Some(QUICK));
    add(&mut queue, Lane::Urgent, &flow(4, "b.example"), 1);
    assert_eq!(start_all(&mut queue)[0].lane, Lane::Urgent);
}

#[test]
fn a_slow_domain_holds_up_only_itself() {
    let mut queue = queue();
    add(&mut queue, Lane::Standard, &flow(1, "tarpit.example"), 50);
    add(&mut queue, Lane::Standard, &flow(1, "other.example"), 50);
    assert_eq!(
        start_all(&mut queue).len(),
        4,
        "two places for each unknown domain"
    );
    for _ in 0..50 {
        queue.finish(Lane::Standard, &flow(1, "other.example"), Some(QUICK));
        let started = start_all(&mut queue);
        assert!(started.iter().all(|one| one.flow.domain == "other.example"));
    }
}

#[test]
fn a_domain_that_becomes_slow_loses_its_places() {
    let mut queue = queue();
    make_quick(&mut queue, 1, "a.example");
    add(&mut queue, Lane::Standard, &flow(1, "a.example"), 200);
    let started = start_all(&mut queue);
    assert_eq!(started.len(), 16);
    for (number, one) in started.iter().enumerate() {
        let took = if number == 15 { SLOW } else { QUICK };
        queue.finish(Lane::Standard, &one.flow, Some(took));
    }
    assert_eq!(start_all(&mut queue).len(), 2);
}

#[test]
fn what_waits_for_a_slow_domain_is_not_claimed_ahead() {
    let mut queue = queue();
    make_quick(&mut queue, 1, "a.example");
    let (slow, quick) = (flow(1, "tarpit.example"), flow(1, "a.example"));
    assert_eq!(
        queue.reserve(Lane::Standard, vec![slow.clone()]),
        [(slow.clone(), 2)]
    );
    let claims = queue.reserve(Lane::Standard, vec![slow, quick.clone()]);
    assert_eq!(claims, [(quick, MAX_BATCH)]);
}

#[test]
fn a_slow_domain_is_limited_for_all_accounts_together() {
    let mut queue = queue();
    let flows = (1..=20).map(|account| flow(account, "tarpit.example")).collect();
    let claimed: usize = queue
        .reserve(Lane::Urgent, flows)
        .iter()
        .map(|(_, count)| count)
        .sum();
    assert!(claimed <= 4, "{claimed}");
    assert_eq!(queue.reserve(Lane::Urgent, vec![flow(21, "ok.example")]).len(), 1);
}

#[test]
fn an_account_with_many_slow_domains_leaves_places_and_claims_to_others() {
    let mut queue = queue();
    let domains = (0..140).map(|number| flow(1, &format!("tarpit{number}.example")));
    for (flow, count) in queue.reserve(Lane::Urgent, domains.clone().collect()) {
        queue.fill(Lane::Urgent, &vec![(flow.clone(), count)], Vec::new());
        add(&mut queue, Lane::Urgent, &flow, count);
    }
    assert_eq!(start_all(&mut queue).len(), 4, "an eighth of the places");
    let other = flow(2, "ok.example");
    assert_eq!(queue.reserve(Lane::Urgent, vec![other.clone()]).len(), 1);
    add(&mut queue, Lane::Urgent, &other, 1);
    assert_eq!(start_all(&mut queue).len(), 1);
}

#[test]
fn an_account_never_has_the_last_quarter_of_the_places() {
    let mut queue = queue();
    make_quick(&mut queue, 1, "a.example");
    for lane in [Lane::Standard, Lane::Urgent] {
        add(&mut queue, lane, &flow(1, "a.example"), 100);
    }
    assert_eq!(start_all(&mut queue).len(), 24);
}

#[test]
fn reservations_end_with_what_was_claimed() {
    let mut queue = queue();
    let flow = flow(1, "a.example");
    let claims = queue.reserve(Lane::Urgent, vec![flow.clone()]);
    queue.fill(Lane::Urgent, &claims, Vec::new());
    assert_eq!(queue.reserve(Lane::Urgent, vec![flow]), claims);
}

#[test]
fn a_single_connection_serves_everything_in_turn() {
    let mut queue = FairQueue::new(Places::of(1));
    add(&mut queue, Lane::Standard, &flow(1, "a.example"), 1);
    add(&mut queue, Lane::Urgent, &flow(1, "a.example"), 1);
    let first = queue.start_next().expect("a place");
    assert_eq!(first.lane, Lane::Urgent);
    assert!(queue.start_next().is_none());
    queue.finish(first.lane, &first.flow, Some(QUICK));
    assert!(queue.start_next().is_some());
}

proptest! {
    /// Whatever comes and ends in whatever order, limits hold and every message is started once.
    #[test]
    fn places_are_never_exceeded_and_nothing_is_lost(
        steps in prop::collection::vec((0..4u128, 0..3usize, any::<bool>(), 1..20usize, 0..4_000u64), 1..60)
    ) {
        let mut queue = queue();
        let (mut added, mut started_count, mut in_flight) = (0, 0, Vec::<Queued<usize>>::new());
        for (account, domain, urgent, count, millis) in steps {
            let lane = if urgent { Lane::Urgent } else { Lane::Standard };
            add(&mut queue, lane, &flow(account, &format!("{domain}.example")), count);
            added += count;
            let started = start_all(&mut queue);
            started_count += started.len();
            in_flight.extend(started);
            let standard = in_flight.iter().filter(|one| one.lane == Lane::Standard).count();
            prop_assert!(in_flight.len() <= 32 && standard <= 24);
            let done = in_flight.swap_remove(usize::try_from(millis).unwrap_or(0) % in_flight.len());
            queue.finish(done.lane, &done.flow, Some(Duration::from_millis(millis)));
        }
        loop {
            let started = start_all(&mut queue);
            started_count += started.len();
            in_flight.extend(started);
            let Some(done) = in_flight.pop() else { break };
            queue.finish(done.lane, &done.flow, None);
        }
        prop_assert_eq!(started_count, added);
        prop_assert_eq!(queue.standard.claimed.total() + queue.urgent.claimed.total(), 0);
    }
}
