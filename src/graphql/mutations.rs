//! The mutations, a file for what belongs together. Every field is nullable, so that one refusal never blanks the others:
//! it returns `Option<Result<Payload>>`, wrapped by [`mutate`].

mod access;
mod api_keys;
mod asking;
mod bulk;
mod challenges;
mod contacts;
mod google;
mod imports;
mod invitations;
mod links;
mod login_emails;
mod mail;
mod managing;
mod passwords;
mod sessions;
mod settings;
mod sign_in;
mod team;

use std::future::Future;

use async_graphql::MergedObject;

use super::upload::UploadField;
use crate::error::Result;

/// All mutations. Each takes one `input` and returns a payload of its own.
#[derive(MergedObject, Default)]
pub struct Mutation(
    invitations::InvitationMutations,
    login_emails::LoginEmailMutations,
    links::LinkMutations,
    contacts::ContactMutations,
    imports::ImportMutations,
    bulk::BulkMutations,
    sign_in::SignInMutations,
    passwords::PasswordMutations,
    google::GoogleMutations,
    challenges::ChallengeMutations,
    sessions::SessionMutations,
    mail::MailMutations,
    access::AccessMutations,
    team::TeamMutations,
    api_keys::KeyMutations,
    settings::SettingsMutations,
);

/// The fields that ignore the credential, by file: those that sign in, so that a refresh works beside an expired token, and
/// the one that reports a sign-in of someone else.
pub const IGNORE_CREDENTIAL: [&[&str]; 5] = [
    challenges::IGNORE_CREDENTIAL,
    google::IGNORE_CREDENTIAL,
    mail::IGNORE_CREDENTIAL,
    passwords::IGNORE_CREDENTIAL,
    sign_in::IGNORE_CREDENTIAL,
];

/// The fields whose answer holds a secret, by file.
pub const SECRET_ANSWER: [&[&str]; 3] = [
    api_keys::SECRET_ANSWER,
    challenges::SECRET_ANSWER,
    links::SECRET_ANSWER,
];

/// The fields that take a file.
pub const UPLOADS: [UploadField; 1] = [imports::UPLOAD];

/// The form in which a nullable field fails by itself.
async fn mutate<T>(work: impl Future<Output = Result<T>>) -> Option<async_graphql::Result<T>> {
    Some(work.await.map_err(Into::into))
}
