//! The mutations, a file for what belongs together. Every field is nullable, so that one refusal never blanks the others:
//! it returns `Option<Result<Payload>>`, wrapped by [`mutate`].

use std::future::Future;

use async_graphql::MergedObject;

use crate::error::Result;

mod bulk;
mod challenges;
mod contacts;
mod imports;
mod invitations;
mod links;
mod login_emails;
mod passwords;
mod sign_in;

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
    challenges::ChallengeMutations,
);

/// The form in which a nullable field fails by itself.
async fn mutate<T>(work: impl Future<Output = Result<T>>) -> Option<async_graphql::Result<T>> {
    Some(work.await.map_err(Into::into))
}
