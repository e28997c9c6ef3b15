//! The limits of emails and attempts, per address and per source.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::accounts::model::section::PortalSection;
use vestibule::base::actor::Audience;
use vestibule::base::actor::Client;
use vestibule::base::address::EmailAddress;
use vestibule::sign_in::challenge::model::{Challenge, LoginRequest, RequestingDevice};

use super::{ANNA, reason};
use crate::support::{TestApi, TestServer, TestSignIn};

const MAILED: &str = "select count(*) from challenges where mailed";

#[tokio::test(flavor = "multi_thread")]
async fn links_and_codes_share_a_limit_of_one_email_a_minute_and_five_an_hour() {
    let server = TestServer::open().await;
    let ask = async |n: usize| {
        if n.is_multiple_of(2) {
            server.request_code("Anna@ACME.example").await
        } else {
            server.request_login(ANNA).await.id
        }
    };
    ask(0).await;
    for n in 1..5 {
        server.clock.advance(TimeDelta::milliseconds(59_999));
        ask(n + 1).await;
        assert_eq!(server.test.number(MAILED).await, n as i64, "not within a minute");
        server.clock.advance(TimeDelta::milliseconds(1));
        ask(n).await;
        assert_eq!(server.test.number(MAILED).await, n as i64 + 1);
    }
    // The first was requested at 10:00.
    server
        .clock
        .advance(TimeDelta::minutes(56) - TimeDelta::milliseconds(1));
    ask(0).await;
    assert_eq!(server.test.number(MAILED).await, 5, "the sixth in an hour");
    server.clock.advance(TimeDelta::milliseconds(1));
    ask(0).await;
    assert_eq!(server.test.number(MAILED).await, 6);
    // A team member with the same address has a separate limit.
    server.request_code_at("acme", ANNA, "DASHBOARD").await;
    assert_eq!(server.test.number(MAILED).await, 7);
    // Every other portal has a separate limit.
    server.request_code_at("other", ANNA, "PORTAL").await;
    assert_eq!(server.test.number(MAILED).await, 8);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_newest_emailed_code_is_valid() {
    let server = TestServer::open().await;
    let first = server.request_login(ANNA).await.id;
    server.clock.advance(TimeDelta::seconds(30));
    let unmailed = server.request_code(ANNA).await;
    assert_eq!(
        reason(&server.sign_in_with_right_code(&unmailed).await),
        "CODE_INVALID"
    );
    server.clock.advance(TimeDelta::seconds(30));
    let second = server.request_code(ANNA).await;
    assert_eq!(
        reason(&server.sign_in_with_right_code(&first).await),
        "CODE_EXPIRED"
    );
    assert_eq!(
        reason(&server.sign_in_with_right_code(&unmailed).await),
        "CODE_EXPIRED"
    );
    server.clock.advance(TimeDelta::seconds(59));
    server.request_code(ANNA).await;
    assert!(
        !server.sign_in_with_right_code(&second).await["session"].is_null(),
        "what was not mailed takes nothing away"
    );
    server.stop().await;
}

async fn refused(answer: &Value) -> (&str, Option<u64>) {
    let extensions = &answer["errors"][0]["extensions"];
    let code = extensions["code"].as_str().expect("a code");
    (code, extensions["retryAfter"].as_u64())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_may_request_a_hundred_emails_an_hour_for_all_addresses() {
    let server = TestServer::open().await;
    let ask = |n: usize| {
        format!(
            "a{n}: requestLoginCode(input: {{portal: \"acme\", email: \"p{n}@example.com\"}}) {{ challengeId }} "
        )
    };
    let asks = |from: usize, count: usize| {
        let all: String = (from..from + count).map(ask).collect();
        format!("mutation {{ {all} }}")
    };
    for part in 0..4 {
        let answer = server.request(None, &asks(part * 25, 25), json!({})).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
    }
    let email = "mutation ($portal: String!, $email: EmailAddress!) { requestLoginEmail(input: {portal: $portal, email: $email}) { challengeId } }";
    server.clock.advance(TimeDelta::minutes(30));
    for address in [ANNA, "nobody@acme.example"] {
        let input = json!({"portal": "acme", "email": address});
        let answer = server.request(None, email, input).await;
        assert_eq!(refused(&answer).await, ("RATE_LIMITED", Some(1_800)), "{answer}");
    }
    // Another account has a separate count.
    server
        .request_login_at("other", "anna@other.example", "PORTAL")
        .await;
    server.clock.advance(TimeDelta::minutes(30));
    server.request_login(ANNA).await;
    assert_eq!(server.test.number("select count(*) from challenges").await, 102);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_may_fail_three_hundred_times_an_hour_and_successes_do_not_count() {
    let server = TestServer::open().await;
    let id = server.request_code("nobody@acme.example").await;
    let good = server.request_code(ANNA).await;
    assert!(!server.sign_in_with_right_code(&good).await["session"].is_null());
    let tries: String = (0..30)
        .map(|n| format!("a{n}: signInWithCode(input: {{challengeId: \"{id}\", code: \"1\"}}) {{ refusal {{ reason retryAfter }} }} "))
        .collect();
    let tries = format!("mutation {{ {tries} }}");
    for _ in 0..10 {
        let answer = server.request(None, &tries, json!({})).await;
        assert_eq!(
            answer["data"]["a29"]["refusal"]["retryAfter"],
            Value::Null,
            "{answer}"
        );
    }
    server.clock.advance(TimeDelta::minutes(1));
    let fresh = server.request_code(ANNA).await;
    let blocked = server.sign_in_with_right_code(&fresh).await;
    assert_eq!(reason(&blocked), "TOO_MANY_ATTEMPTS");
    assert_eq!(blocked["refusal"]["retryAfter"], 59 * 60);
    assert_eq!(
        server
            .test
            .number("select sum(try_count)::bigint from challenges")
            .await,
        6,
        "what is not compared costs the code nothing"
    );
    server.clock.advance(TimeDelta::minutes(59));
    let fresh = server.request_code(ANNA).await;
    assert!(!server.sign_in_with_right_code(&fresh).await["session"].is_null());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_addresses_run_the_same_statements_at_every_step() {
    let api = TestApi::open().await;
    let emails: Vec<String> = (0..4).map(|n| format!("known{n}@example.com")).collect();
    api.test.add_contacts(emails.iter().cloned()).await;
    api.member("staff@example.com", vestibule::base::actor::Role::Staff)
        .await;
    let client = Client {
        ip: Some("203.0.113.7".to_owned()),
        ..Client::default()
    };
    // With a separate pool from that of the live hub, whose statements would count.
    let sign_in = TestSignIn::new(&api.services);
    let count = || sign_in.db.statement_count();
    let costs = async |email: &str, audience: Audience, by_code: bool| {
        let email = EmailAddress::parse(email).expect("an address");
        let ask = async |device: RequestingDevice<'_>| {
            let request = LoginRequest {
                account: &api.test.account,
                audience,
                email: &email,
                section: PortalSection::Home,
                by_code,
                device,
                client: &client,
                daily_messages: 50_000,
            };
            let before = count();
            let asked = sign_in.request(&request).await.expect("it is asked for");
            (asked, count() - before)
        };
        let (asked, cost) = ask(RequestingDevice::New).await;
        let (again, cost_again) = ask(RequestingDevice::Browser(&asked.device_secret)).await;
        assert_eq!(again.id, asked.id, "it is kept");
        let mut costs = vec![cost, cost_again];
        for _ in 0..6 {
            let before = count();
            let outlet = vestibule::sign_in::open_session::SessionTransport::Bearer;
            let done = sign_in
                .with_code(&asked.id.to_string(), "no", outlet, &client)
                .await;
            assert!(done.expect("an answer").is_err());
            costs.push(count() - before);
        }
        costs
    };
    let fewest = async |emails: [&str; 3], audience: Audience, by_code: bool| {
        let mut fewest = vec![u64::MAX; 8];
        for email in emails {
            let costs = costs(email, audience, by_code).await;
            for (fewest, cost) in fewest.iter_mut().zip(costs) {
                *fewest = cost.min(*fewest);
            }
        }
        fewest
    };
    for by_code in [true, false] {
        api.test.clock.advance(TimeDelta::hours(1));
        let known = [&emails[0][..], &emails[1], &emails[2]];
        let nobody = ["n1@example.com", "n2@example.com", "n3@example.com"];
        assert_eq!(
            fewest(known, Audience::Portal, by_code).await,
            fewest(nobody, Audience::Portal, by_code).await,
            "within the limits"
        );
        assert_eq!(
            fewest(known, Audience::Portal, by_code).await,
            fewest(nobody, Audience::Portal, by_code).await,
            "beyond the limits"
        );
        let staff = ["staff@example.com"; 3];
        assert_eq!(
            fewest(staff, Audience::Dashboard, by_code).await,
            fewest([nobody[0]; 3], Audience::Dashboard, by_code).await,
            "a team member"
        );
    }
    let mut conn = api.services.db.conn().await.expect("a connection");
    let nowhere = vestibule::base::ids::ChallengeId::new(&api.test.clock.moment());
    let found = Challenge::locate(&mut conn, nowhere).await.expect("a look");
    assert_eq!(found, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_unknown_addresses_are_in_the_audit_log_and_not_in_the_activity() {
    let server = TestServer::open().await;
    server.request_code("nobody@acme.example").await;
    server
        .request_code_at("acme", "owner@acme.example", "DASHBOARD")
        .await;
    server.request_code(ANNA).await;
    server.request_code(ANNA).await;
    let asked = "select outcome from audit_events where kind = 'LOGIN_REQUESTED' order by outcome";
    let outcomes: Vec<String> = server.test.texts(asked).await.into_iter().flatten().collect();
    assert_eq!(outcomes, ["OK", "OK", "OK", "RATE_LIMITED"]);
    let activity = "{ recentActivity { totalCount nodes { kind outcome contact { email } } } }";
    let seen = server.data(&server.acme.key, activity, json!({})).await;
    let nodes = seen["recentActivity"]["nodes"].as_array().expect("a list");
    let requests: Vec<&Value> = nodes
        .iter()
        .filter(|node| node["kind"] == "LOGIN_REQUESTED")
        .collect();
    assert_eq!(requests.len(), 2, "{seen}");
    assert!(requests.iter().all(|node| node["contact"]["email"] == ANNA));
    server.stop().await;
}
