//! Credentials of an account: a session of its owner, and API keys.

use vestibule::base::actor::{Client as Caller, Role, Scope, SignInMethod};
use vestibule::base::clock::Clock;
use vestibule::base::db::Db;
use vestibule::base::ids::AccountId;
use vestibule::base::secrets::ServerKey;
use vestibule::sign_in::access_token::Tokens;
use vestibule::sign_in::keys::Keys;
use vestibule::sign_in::sessions::model::refresh;
use vestibule::sign_in::sessions::model::{Holder, NewSession, Session};
use vestibule::sign_in::signing_keys as keys;
use vestibule::team::model::TeamMember;
use vestibule::team::model::api_key::ApiKey;

/// An access token of the owner.
pub async fn token(db: &Db, folder: &std::path::Path, port: u16, account: AccountId) -> String {
    let clock = Clock::System;
    let moment = clock.moment();
    let secret = std::fs::read_to_string(folder.join("secret")).expect("the server's secret");
    let server_keys = Keys::new(&ServerKey::new(secret.trim().as_bytes()));
    let pairs = keys::load_or_create(db, &server_keys.signing_seal, &moment)
        .await
        .expect("the signing keys");
    let tokens = Tokens::new(pairs, &format!("http://localhost:{port}"));
    let mut conn = db.conn().await.expect("a connection");
    let email = vestibule::base::address::EmailAddress::parse("owner@bench.example").expect("an address");
    let owner = TeamMember::by_email(&mut conn, account, &email)
        .await
        .expect("a look-up")
        .expect("the owner");
    let client = Caller::default();
    let opening = NewSession::new(
        account,
        Holder::Member(owner.id),
        SignInMethod::StaffLink,
        &client,
    );
    let session = Session::open(&mut conn, &opening, &moment)
        .await
        .expect("a session");
    let pair = refresh::first_pair(&mut conn, session, &moment)
        .await
        .expect("a pair");
    tokens
        .access(&pair, Some(Role::Owner), moment.now)
        .expect("a token")
        .0
}

/// A new API key that may do everything.
pub async fn key(db: &Db, account: AccountId) -> String {
    let mut conn = db.conn().await.expect("a connection");
    let created = ApiKey::create(&mut conn, account, "bench", Scope::ALL, &Clock::System.moment()).await;
    created.expect("a key").1.reveal()
}
