use super::*;
use crate::base::clock::Clock;
use crate::sending_domains::records::{DnsRecordPurpose, Found};

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

fn hosts() -> MailHosts {
    MailHosts::new("portal@mail.server.example", None, [])
}

fn pending() -> SendingDomain {
    SendingDomain {
        account_id: AccountId::new(&Clock::System.moment()),
        domain: "acme.example".to_owned(),
        selector: "s1".to_owned(),
        sealed_key: Vec::new(),
        public_key: "MIIB".to_owned(),
        status: SendingDomainStatus::Pending,
        problem: None,
        found: json!({}),
        waiting_since: start(),
        checked_at: None,
        verified_at: None,
        next_check_at: Some(start() + FIRST_WAIT),
    }
}

fn all() -> DnsAnswer {
    let mut found = Found::default();
    for record in pending().records(&hosts()) {
        match record.purpose {
            DnsRecordPurpose::Dkim => found.dkim.push(record.value),
            DnsRecordPurpose::ReturnPath => found.return_path.push(record.value),
            DnsRecordPurpose::Spf => found.spf.push(record.value),
            DnsRecordPurpose::Dmarc => {}
        }
    }
    DnsAnswer::Records(found)
}

fn none() -> DnsAnswer {
    DnsAnswer::Records(Found::default())
}

fn checked(domain: SendingDomain, answer: DnsAnswer, at: TimeDelta) -> SendingDomain {
    domain.after(answer, false, &hosts(), start() + at)
}

#[test]
fn a_verified_domain_is_checked_every_hour_and_fails_only_by_a_definite_answer() {
    let verified = checked(pending(), all(), TimeDelta::minutes(1));
    assert_eq!(
        (verified.status, &verified.problem),
        (SendingDomainStatus::Verified, &None)
    );
    assert_eq!(verified.next_check_at, Some(start() + TimeDelta::minutes(61)));
    let silent = checked(verified.clone(), DnsAnswer::None, TimeDelta::minutes(61));
    assert_eq!(silent.status, SendingDomainStatus::Verified);
    assert_eq!(
        (silent.verified_at, &silent.found),
        (verified.verified_at, &verified.found)
    );
    assert!(
        silent
            .problem
            .is_some_and(|problem| problem.contains("did not answer"))
    );
    let gone = checked(verified, none(), TimeDelta::minutes(61));
    assert_eq!(gone.status, SendingDomainStatus::Failed);
    assert!(
        gone.problem
            .as_deref()
            .is_some_and(|problem| problem.contains("s1._domainkey.acme.example"))
    );
    assert_eq!(
        gone.next_check_at,
        Some(start() + TimeDelta::minutes(62)),
        "it may come back soon"
    );
    assert_eq!(
        checked(gone, all(), TimeDelta::hours(2)).status,
        SendingDomainStatus::Verified
    );
}

#[test]
fn the_waits_of_a_pending_domain_grow_for_three_days() {
    let (mut domain, mut waits) = (pending(), Vec::new());
    while let Some(at) = domain.next_check_at {
        let answer = if waits.len() % 2 == 0 {
            none()
        } else {
            DnsAnswer::None
        };
        domain = domain.after(answer, false, &hosts(), at);
        waits.extend(domain.next_check_at.map(|next| next - at));
    }
    assert!(waits.is_sorted(), "{waits:?}");
    let [first, .., last] = &waits[..] else {
        panic!("{waits:?}")
    };
    assert_eq!((*first, *last), (TimeDelta::minutes(1), TimeDelta::hours(6)));
    assert!((20..50).contains(&waits.len()), "{}", waits.len());
    assert_eq!(domain.status, SendingDomainStatus::Failed);
    let later = checked(domain, all(), TimeDelta::days(30));
    assert_eq!(later.status, SendingDomainStatus::Verified, "a check by hand");
}

#[test]
fn a_domain_that_another_account_has_verified_waits_and_says_so() {
    let waiting = pending().after(all(), true, &hosts(), start());
    assert_eq!(waiting.status, SendingDomainStatus::Pending);
    assert_eq!(
        waiting.problem.as_deref(),
        Some("Another account has verified this domain.")
    );
}
