use super::*;
use crate::base::clock::Clock;
use crate::base::error::Code;

const LIGHT: Strength = Strength {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};

fn of(text: &str) -> Password {
    Password::read("password", text).expect("it is short enough")
}

#[tokio::test]
async fn a_password_is_the_one_that_was_hashed() {
    let moment = Clock::System.moment();
    let passwords = Passwords::new(LIGHT, 2, &moment).expect("the parameters are good");
    let seat = passwords.seat().await.expect("there is room");
    let kept = seat.hash(&of("rain in March"), &moment).await.expect("a hash");
    assert!(kept.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{kept}");
    assert!(
        seat.verify(Some(&kept), &of("rain in March"))
            .await
            .expect("it works")
    );
    assert!(
        !seat
            .verify(Some(&kept), &of("rain in march"))
            .await
            .expect("it works")
    );
    assert!(!seat.verify(None, &of("rain in March")).await.expect("it works"));
    let again = seat.hash(&of("rain in March"), &moment).await.expect("a hash");
    assert_ne!(kept, again, "each has its own salt");
}

#[tokio::test]
async fn the_same_letters_are_the_same_password() {
    let moment = Clock::System.moment();
    let passwords = Passwords::new(LIGHT, 1, &moment).expect("the parameters are good");
    let seat = passwords.seat().await.expect("there is room");
    let kept = seat
        .hash(&of("caf\u{e9} au lait"), &moment)
        .await
        .expect("a hash");
    assert!(
        seat.verify(Some(&kept), &of("cafe\u{301} au lait"))
            .await
            .expect("it works")
    );
}

#[tokio::test]
async fn a_hash_of_less_work_is_outdated() {
    let moment = Clock::System.moment();
    let light = Passwords::new(LIGHT, 1, &moment).expect("the parameters are good");
    let more = Strength { passes: 2, ..LIGHT };
    let heavy = Passwords::new(more, 1, &moment).expect("the parameters are good");
    let (one, two) = (
        light.seat().await.expect("room"),
        heavy.seat().await.expect("room"),
    );
    let kept = one.hash(&of("x"), &moment).await.expect("a hash");
    assert!(!one.outdated(&kept));
    assert!(two.outdated(&kept));
    assert!(!one.outdated(&two.hash(&of("x"), &moment).await.expect("a hash")));
    assert!(one.outdated("$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"));
    assert!(two.verify(Some(&kept), &of("x")).await.expect("it works"));
}

#[tokio::test]
async fn who_finds_no_seat_is_told_to_come_again() {
    let moment = Clock::System.moment();
    let passwords = Passwords {
        patience: Duration::from_millis(1),
        ..Passwords::new(LIGHT, 1, &moment).expect("the parameters are good")
    };
    let mut seats = Vec::new();
    for _ in 0..SEATS {
        seats.push(passwords.seat().await.expect("there is room"));
    }
    let error = passwords.seat().await.err().expect("there is no room");
    assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(2)));
    seats.pop();
    passwords.seat().await.expect("there is room again");
}

#[tokio::test]
async fn so_many_wait_for_a_seat_and_who_comes_then_is_told_at_once() {
    let moment = Clock::System.moment();
    let passwords = Passwords {
        patience: Duration::from_secs(600),
        ..Passwords::new(LIGHT, 1, &moment).expect("the parameters are good")
    };
    let mut seats = Vec::new();
    for _ in 0..SEATS {
        seats.push(passwords.seat().await.expect("there is room"));
    }
    let waiting: Vec<_> = (0..PLACES)
        .map(|_| {
            let passwords = passwords.clone();
            tokio::spawn(async move { passwords.seat().await.is_ok() })
        })
        .collect();
    while passwords.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    let error = passwords.seat().await.err().expect("no place is left to wait");
    assert_eq!((error.code, error.retry_after), (Code::RateLimited, Some(2)));
    drop(seats);
    for waited in waiting {
        assert!(waited.await.expect("it does not panic"), "who waited gets one");
    }
}

#[tokio::test]
async fn who_goes_away_leaves_the_work_its_permit() {
    let moment = Clock::System.moment();
    let passwords = Passwords::new(LIGHT, 1, &moment).expect("the parameters are good");
    let (begun, begins) = std::sync::mpsc::channel();
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let work = passwords.work(move |_| {
        begun.send(()).map_err(Error::internal)?;
        ends.recv().map_err(Error::internal)
    });
    let asked = tokio::time::timeout(Duration::from_millis(50), work).await;
    assert!(asked.is_err(), "the caller has gone");
    begins.recv().expect("the work has begun");
    assert_eq!(passwords.work.available_permits(), 0);
    end.send(()).expect("it still runs");
    passwords.work(|_| Ok(())).await.expect("there is room again");
}

#[test]
fn the_usual_work_is_owasps_least() {
    let usual = Strength::USUAL;
    assert_eq!((usual.memory_kib, usual.passes, usual.lanes), (19_456, 2, 1));
}

#[test]
fn nothing_prints_a_password() {
    assert_eq!(format!("{:?}", of("hunter2")), "Password(…)");
}
