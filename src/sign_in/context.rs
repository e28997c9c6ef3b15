//! What the methods of sign-in need to verify a proof.

use std::sync::Arc;

use crate::base::clock::Clock;
use crate::base::db::Db;
use crate::sign_in::access_token::Tokens;
use crate::sign_in::google::provider::Google;
use crate::sign_in::keys::Keys;
use crate::sign_in::password::hashing::PasswordHasher;

#[derive(Clone)]
pub struct SignInContext {
    pub db: Db,
    pub clock: Clock,
    pub tokens: Arc<Tokens>,
    pub keys: Keys,
    pub password_hasher: PasswordHasher,
    pub google: Option<Google>,
}
