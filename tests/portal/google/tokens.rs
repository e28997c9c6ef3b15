//! Which tokens are accepted: at each limit and beyond it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{APP, CLIENT, GoogleTest, Key, outcome};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_valid_with_a_leeway_of_a_minute() {
    let google = GoogleTest::open().await;
    let now = google.server.clock.now().timestamp();
    for (claim, good, bad) in [
        ("exp", now - 59, now - 60),
        ("iat", now + 60, now + 61),
        ("nbf", now + 60, now + 61),
    ] {
        let beside = google.token(&json!({claim: bad}));
        assert_eq!(google.outcome(&beside).await, "INVALID_CREDENTIALS", "{claim}");
        let at = google.token(&json!({claim: good}));
        assert_eq!(google.outcome(&at).await, "IN", "{claim}");
    }
    let kept = google.token(&json!({"exp": now + 100}));
    google.server.clock.advance(TimeDelta::seconds(159));
    assert_eq!(google.outcome(&kept).await, "IN");
    let late = google.token(&json!({"exp": now + 99, "iat": now}));
    assert_eq!(google.outcome(&late).await, "INVALID_CREDENTIALS");
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_audience_must_be_allowed_and_several_need_an_authorized_party() {
    let google = GoogleTest::open().await;
    let tries = [
        (json!({"aud": APP}), "IN"),
        (json!({"aud": CLIENT, "azp": APP}), "IN"),
        (json!({"aud": [CLIENT, APP], "azp": APP}), "IN"),
        (json!({"aud": [CLIENT, APP]}), "INVALID_CREDENTIALS"),
        (
            json!({"aud": [CLIENT, "theirs"], "azp": CLIENT}),
            "INVALID_CREDENTIALS",
        ),
        (json!({"aud": CLIENT, "azp": "theirs"}), "INVALID_CREDENTIALS"),
        (json!({"aud": "theirs", "azp": CLIENT}), "INVALID_CREDENTIALS"),
        (json!({"aud": []}), "INVALID_CREDENTIALS"),
        (json!({"aud": null}), "INVALID_CREDENTIALS"),
    ];
    for (claims, wanted) in tries {
        let data = google.outcome(&google.token(&claims)).await;
        assert_eq!(data, wanted, "{claims}");
    }
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_the_wrong_type_are_not_an_internal_error() {
    let google = GoogleTest::open().await;
    let odd = [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(-1),
        json!(1e300),
        json!("a\u{0}b"),
    ];
    for claim in [
        "iss",
        "aud",
        "sub",
        "iat",
        "exp",
        "nbf",
        "nonce",
        "email",
        "email_verified",
        "azp",
    ] {
        for value in &odd {
            // Not a linked identity.
            let claims = json!({"sub": google.issuer.next(), claim: value});
            let data = google.outcome(&google.token(&claims)).await;
            let wanted = ["INVALID_CREDENTIALS", "GOOGLE_EMAIL_UNVERIFIED", "IN"];
            assert!(wanted.contains(&&data[..]), "{claim}: {value}: {data}");
            let past = matches!(claim, "iat" | "nbf") && value == &json!(-1);
            let lax = past || matches!(claim, "nbf" | "azp") && value.is_null();
            assert!(lax || data != "IN", "{claim}: {value}");
        }
    }
    google.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_signs_in_once_in_any_encoding() {
    let google = GoogleTest::open().await;
    let token = google.token(&json!({}));
    let tries = join_all((0..10).map(|_| google.answer(&token))).await;
    let won = tries.iter().filter(|answer| outcome(answer) == "IN").count();
    assert_eq!(won, 1, "{tries:?}");
    assert_eq!(
        google.outcome(&format!(" {token}\n")).await,
        "INVALID_CREDENTIALS"
    );
    let spent = "select count(*) from used_id_tokens";
    assert_eq!(google.server.test.number(spent).await, 1);
    // Its row must not be swept during the leeway.
    let needless = "delete from used_id_tokens where expires_at <= '2026-01-05T11:00:59Z'";
    google.server.test.run(needless).await;
    google.server.clock.advance(TimeDelta::seconds(3659));
    assert_eq!(
        google.outcome(&token).await,
        "INVALID_CREDENTIALS",
        "replayed in the leeway"
    );
    assert_eq!(google.server.test.number(spent).await, 1);
    google.stop().await;
}

/// The second valid form of an ECDSA signature: (r, n - s).
fn twin(token: &str) -> String {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
        0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let mut borrow = 0;
    for (place, of_order) in bytes[32..].iter_mut().zip(ORDER).rev() {
        let left = i16::from(of_order) - i16::from(*place) - borrow;
        borrow = i16::from(left < 0);
        *place = u8::try_from(left.rem_euclid(256)).expect("a byte");
    }
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_malleable_twin_of_an_ecdsa_signature_is_the_same_token() {
    let google = GoogleTest::open().await;
    google.issuer.set().keys = vec![Key::ec("curve", 7)];
    let first = google.token(&json!({}));
    assert_eq!(google.outcome(&twin(&first)).await, "IN", "the twin verifies");
    assert_eq!(google.outcome(&first).await, "INVALID_CREDENTIALS");
    let second = google.token(&json!({}));
    assert_eq!(google.outcome(&second).await, "IN");
    assert_eq!(google.outcome(&twin(&second)).await, "INVALID_CREDENTIALS");
    google.stop().await;
}

const STEP_UP: &str = "mutation ($token: String!) { stepUp(input: {googleIdToken: $token}) {
    session { accessToken } refusal { reason } } }";

async fn step_up(google: &GoogleTest, credential: &str, token: &str) -> Value {
    let answer = google
        .server
        .request(Some(credential), STEP_UP, json!({"token": token}))
        .await;
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"]["stepUp"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_up_needs_a_token_of_the_holder_and_of_the_last_ten_minutes() {
    let google = GoogleTest::open().await;
    let acme = &google.server.acme;
    let now = google.server.clock.now().timestamp();
    let refused = async |credential: &str, claims: Value| {
        let done = step_up(&google, credential, &google.token(&claims)).await;
        done["refusal"]["reason"].as_str().expect("a refusal").to_owned()
    };
    assert_eq!(
        refused(&acme.contact_session, json!({"iat": now - 600})).await,
        "STEP_UP_REQUIRED"
    );
    assert_eq!(
        refused(&acme.contact_session, json!({"email": "owner@acme.example"})).await,
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        refused(&acme.contact_session, json!({"email_verified": false})).await,
        "INVALID_CREDENTIALS"
    );
    assert_eq!(refused(&acme.owner, json!({})).await, "INVALID_CREDENTIALS");
    assert_eq!(
        refused(&google.server.other.contact_session, json!({})).await,
        "INVALID_CREDENTIALS"
    );
    google
        .server
        .test
        .run("update accounts set google_allowed = false")
        .await;
    assert_eq!(refused(&acme.contact_session, json!({})).await, "METHOD_DISABLED");
    google
        .server
        .test
        .run("update accounts set google_allowed = true")
        .await;
    let token = google.token(&json!({"iat": now - 599}));
    let done = step_up(&google, &acme.contact_session, &token).await;
    let fresh = done["session"]["accessToken"].as_str().expect("a session");
    let again = step_up(&google, fresh, &token).await;
    assert_eq!(again["refusal"]["reason"], "INVALID_CREDENTIALS", "spent");
    assert_eq!(google.outcome(&token).await, "INVALID_CREDENTIALS", "here too");
    google.stop().await;
}
