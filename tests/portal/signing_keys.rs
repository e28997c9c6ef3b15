//! Rotation of signing keys while the server runs.

use chrono::TimeDelta;
use serde_json::{Value, json};
use vestibule::base::secrets::ServerKey;
use vestibule::sign_in::keys::Keys;
use vestibule::sign_in::signing_keys as keys;

use crate::support::{TestServer, wait_until};

const LINK: &str = "mutation ($id: ID!) { generateMagicLink(input: {contactId: $id}) { url } }";
const REDEEM: &str = "mutation ($token: String!) { signInWithMagicLink(input: {token: $token}) {
    session { accessToken refreshToken } } }";

async fn published(server: &TestServer) -> Vec<String> {
    let jwks: Value = server
        .http
        .get(format!("{}/.well-known/jwks.json", server.url))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let keys = jwks["keys"].as_array().cloned().unwrap_or_default();
    keys.iter()
        .filter_map(|key| key["kid"].as_str().map(str::to_owned))
        .collect()
}

/// A new access token, and the id of the key that signed it.
async fn signed(server: &TestServer) -> (String, String) {
    let created = server
        .data(
            &server.acme.scoped[2].1,
            LINK,
            json!({"id": server.acme.contact.to_string()}),
        )
        .await;
    let token = created["generateMagicLink"]["url"]
        .as_str()
        .and_then(|url| url.rsplit('/').next());
    let answer = server.request(None, REDEEM, json!({"token": token})).await;
    let access = answer["data"]["signInWithMagicLink"]["session"]["accessToken"].as_str();
    let access = access.unwrap_or_else(|| panic!("{answer}")).to_owned();
    let header = kid_of(&access);
    (access, header)
}

fn kid_of(token: &str) -> String {
    use base64::Engine;
    let header = token.split('.').next().unwrap_or_default();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(header)
        .expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    header["kid"].as_str().expect("a kid").to_owned()
}

/// Like `vestibule keys rotate` while the server runs.
async fn rotate(server: &TestServer) -> String {
    let secret = std::fs::read_to_string(server.folder().join("secret")).expect("the server's secret");
    let keys = Keys::new(&ServerKey::new(secret.trim().as_bytes()));
    let moment = server.clock.moment();
    keys::rotate(&server.test.db, &keys.signing_seal, &moment)
        .await
        .expect("a key")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_is_removed_after_its_tokens_expired() {
    let server = TestServer::open().await;
    let (_, old) = signed(&server).await;
    assert_eq!(published(&server).await, [&old[..]]);
    server.clock.advance(TimeDelta::seconds(1));
    let new = rotate(&server).await;
    server.clock.advance(TimeDelta::minutes(1));
    wait_until("the new key", async || {
        published(&server).await == [new.clone(), old.clone()]
    })
    .await;
    server
        .clock
        .advance(TimeDelta::minutes(4) - TimeDelta::seconds(1));
    let (last, kid) = signed(&server).await;
    assert_eq!(kid, old, "not before all have seen it");
    server.clock.advance(TimeDelta::seconds(1));
    let (_, kid) = signed(&server).await;
    assert_eq!(kid, new);
    server.data(&last, "{ me { id } }", json!({})).await;
    // Eleven minutes after the new key started to sign.
    server
        .clock
        .advance(TimeDelta::minutes(11) - TimeDelta::seconds(1));
    assert_eq!(published(&server).await, [new.clone(), old.clone()]);
    server.clock.advance(TimeDelta::seconds(1));
    assert_eq!(published(&server).await, [&new[..]]);
    server.clock.advance(TimeDelta::minutes(1));
    let retired = format!("select count(*) from signing_keys where kid = '{old}' and retired_at is not null");
    wait_until("the old key's rest", async || {
        server.test.number(&retired).await == 1
    })
    .await;
    let (_, kid) = signed(&server).await;
    assert_eq!(kid, new);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_retired_key_is_refused() {
    let server = TestServer::open().await;
    let (access, _) = signed(&server).await;
    server.data(&access, "{ me { id } }", json!({})).await;
    let old = kid_of(&access);
    let new = rotate(&server).await;
    // As after a theft: the old key is retired manually.
    let out = format!("update signing_keys set retired_at = created_at where kid = '{old}'");
    server.test.run(&out).await;
    server.clock.advance(TimeDelta::minutes(1));
    wait_until("the old key's end", async || {
        published(&server).await == [new.clone()]
    })
    .await;
    let refused = server.error(Some(&access), "{ me { id } }", json!({})).await;
    assert_eq!(refused.0, "UNAUTHENTICATED");
    let (_, kid) = signed(&server).await;
    assert_eq!(kid, new, "alone, it signs at once");
    server.stop().await;
}
