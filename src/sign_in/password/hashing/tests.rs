use super::*;
use crate::base::clock::Clock;
use crate::base::error::Code;

const LIGHT: Strength = Strength {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

fn password(text: &str) -> PlainPassword {
    PlainPassword::parse("password", text).expect("it is short enough")
}

#[tokio::test]
async fn a_password_is_the_one_that_was_hashed() {
    let moment = Clock::System.moment();
    let hasher = PasswordHasher::new(LIGHT, 2, &moment).expect("the parameters are good");
    let permit = hasher.permit().await.expect("there is room");
    let stored = permit
        .hash(&password("rain in March"), &moment)
        .await
        .expect("a hash");
    assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{stored}");
    assert!(
        permit
            .verify(Some(&stored), &password("rain in March"))
            .await
            .expect("it works")
    );
    assert!(
        !permit
            .verify(Some(&stored), &password("rain in march"))
            .await
            .expect("it works")
    );
    assert!(
        !permit
            .verify(None, &password("rain in March"))
            .await
            .expect("it works")
    );
    let again = permit
        .hash(&password("rain in March"), &moment)
        .await
        .expect("a hash");
    assert_ne!(stored, again, "each has its own salt");
}

#[tokio::test]
async fn the_same_letters_are_the_same_password() {
    let moment = Clock::System.moment();
    let hasher = PasswordHasher::new(LIGHT, 1, &moment).expect("the parameters are good");
    let permit = hasher.permit().await.expect("there is room");
    let stored = permit
        .hash(&password("caf\u{e9} au lait"), &moment)
        .await
        .expect("a hash");
    assert!(
        permit
            .verify(Some(&stored), &password("cafe\u{301} au lait"))
            .await
            .expect("it works")
    );
}

#[tokio::test]
async fn a_hash_of_lower_cost_is_outdated() {
    let moment = Clock::System.moment();
    let light = PasswordHasher::new(LIGHT, 1, &moment).expect("the parameters are good");
    let higher = Strength { passes: 2, ..LIGHT };
    let heavy = PasswordHasher::new(higher, 1, &moment).expect("the parameters are good");
    let light_permit = light.permit().await.expect("a permit");
    let heavy_permit = heavy.permit().await.expect("a permit");
    let stored = light_permit.hash(&password("x"), &moment).await.expect("a hash");
    assert!(!light_permit.outdated(&stored));
    assert!(heavy_permit.outdated(&stored));
    assert!(!light_permit.outdated(&heavy_permit.hash(&password("x"), &moment).await.expect("a hash")));
    assert!(light_permit.outdated("$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"));
    assert!(
        heavy_permit
            .verify(Some(&stored), &password("x"))
            .await
            .expect("it works")
    );
}

#[tokio::test]
async fn a_caller_without_a_permit_in_time_is_rate_limited() {
    let moment = Clock::System.moment();
    let hasher = PasswordHasher {
        max_wait: Duration::from_millis(1),
        ..PasswordHasher::new(LIGHT, 1, &moment).expect("the parameters are good")
    };
    let mut permits = Vec::new();
    for _ in 0..PERMITS_PER_WORKER {
        permits.push(hasher.permit().await.expect("there is room"));
    }
    let error = hasher.permit().await.err().expect("there is no room");
    assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(2)));
    permits.pop();
    hasher.permit().await.expect("there is room again");
}

#[tokio::test]
async fn a_caller_is_rate_limited_at_once_when_the_queue_is_full() {
    let moment = Clock::System.moment();
    let hasher = PasswordHasher {
        max_wait: Duration::from_secs(600),
        ..PasswordHasher::new(LIGHT, 1, &moment).expect("the parameters are good")
    };
    let mut permits = Vec::new();
    for _ in 0..PERMITS_PER_WORKER {
        permits.push(hasher.permit().await.expect("there is room"));
    }
    let waiting: Vec<_> = (0..QUEUE_PER_WORKER)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.permit().await.is_ok() })
        })
        .collect();
    while hasher.queue.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let error = hasher.permit().await.err().expect("the queue is full");
    assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(2)));
    drop(permits);
    for waited in waiting {
        assert!(
            waited.await.expect("it does not panic"),
            "each waiting caller gets a permit"
        );
    }
}

#[tokio::test]
async fn work_keeps_its_permit_when_the_caller_stops_waiting() {
    let moment = Clock::System.moment();
    let hasher = PasswordHasher::new(LIGHT, 1, &moment).expect("the parameters are good");
    let (begun, begins) = std::sync::mpsc::channel();
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let work = hasher.run(move |_| {
        begun.send(()).map_err(Error::internal)?;
        ends.recv().map_err(Error::internal)
    });
    let result = tokio::time::timeout(Duration::from_millis(50), work).await;
    assert!(result.is_err(), "the caller stops waiting");
    begins.recv().expect("the work has begun");
    assert_eq!(hasher.workers.available_permits(), 0);
    end.send(()).expect("it still runs");
    hasher.run(|_| Ok(())).await.expect("there is room again");
}

#[test]
fn the_default_cost_is_the_minimum_of_owasp() {
    let default = Strength::DEFAULT;
    assert_eq!(
        (default.memory_kib, default.passes, default.lanes),
        (19_456, 2, 1)
    );
}

#[test]
fn debug_output_hides_the_password() {
    assert_eq!(format!("{:?}", password("hunter2")), "Password(…)");
}
