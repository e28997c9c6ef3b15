//! The root of all mutations. Every field is nullable, so that one refusal does not null the others: it returns
//! `Option<Result<Payload>>`, created by [`mutate`].

use std::future::Future;

use async_graphql::MergedObject;

use super::upload::UploadField;
use crate::base::error::Result;

/// All mutations. Each takes one `input` and returns a payload of its own.
#[derive(MergedObject, Default)]
pub struct Mutation(
    crate::invitations::graphql::mutations::InvitationMutations,
    crate::invitations::graphql::many::ManyInvitationsMutations,
    crate::magic_links::graphql::login_emails::LoginEmailMutations,
    crate::mailings::graphql::MailingMutations,
    crate::magic_links::graphql::mutations::LinkMutations,
    crate::contacts::graphql::mutations::ContactMutations,
    crate::contacts::graphql::import::ImportMutations,
    crate::contacts::graphql::own_details::OwnDetailsMutations,
    crate::bulk_jobs::graphql::mutations::BulkMutations,
    crate::sign_in::graphql::mutations::SignInMutations,
    crate::sign_in::password::graphql::PasswordMutations,
    crate::sign_in::google::graphql::GoogleMutations,
    crate::sign_in::challenge::graphql::mutations::ChallengeMutations,
    crate::sign_in::sessions::graphql::mutations::SessionMutations,
    crate::messages::graphql::mutations::MailMutations,
    crate::contacts::graphql::access::AccessMutations,
    crate::contacts::graphql::merge::MergeMutations,
    crate::contacts::graphql::personal_data::PersonalDataMutations,
    crate::contacts::graphql::bulk_changes::BulkChangeMutations,
    crate::team::graphql::members::TeamMutations,
    crate::team::graphql::api_key_mutations::KeyMutations,
    crate::accounts::graphql::update_settings::SettingsMutations,
    crate::sending_domains::graphql::mutations::SendingDomainMutations,
    crate::access::graphql::mutations::GrantMutations,
    crate::courses::graphql::mutations::CourseMutations,
    crate::courses::graphql::module_mutations::ModuleMutations,
    crate::courses::graphql::lesson_mutations::LessonMutations,
    crate::courses::graphql::order_mutations::OrderMutations,
    crate::courses::graphql::progress::ProgressMutations,
    crate::communities::graphql::mutations::CommunityMutations,
    crate::communities::graphql::announcement::AnnouncementMutations,
    crate::offers::graphql::mutations::OfferMutations,
    crate::affiliates::graphql::mutations::AffiliateMutations,
    crate::affiliates::graphql::sale_mutations::SaleMutations,
    crate::menu::graphql::mutations::MenuMutations,
    crate::smart_lists::graphql::mutations::SmartListMutations,
    crate::portal_views::graphql::PortalViewMutations,
    crate::templates::graphql::mutations::TemplateMutations,
    crate::templates::graphql::test_message::TestMessageMutations,
    crate::system_emails::graphql::mutations::SystemEmailMutations,
    crate::workflows::graphql::mutations::WorkflowMutations,
    crate::workflows::graphql::duplicate::DuplicateMutations,
    crate::workflows::graphql::states::WorkflowStateMutations,
    crate::workflows::graphql::publish::PublishMutations,
    crate::workflows::graphql::test_walk::TestMutations,
);

/// The fields that ignore the request's credential, by file: those that sign in, so that a refresh works with an expired token,
/// and the one that reports "This wasn't me".
pub(crate) const IGNORE_CREDENTIAL: [&[&str]; 5] = [
    crate::sign_in::challenge::graphql::mutations::IGNORE_CREDENTIAL,
    crate::sign_in::google::graphql::IGNORE_CREDENTIAL,
    crate::messages::graphql::mutations::IGNORE_CREDENTIAL,
    crate::sign_in::password::graphql::IGNORE_CREDENTIAL,
    crate::sign_in::graphql::mutations::IGNORE_CREDENTIAL,
];

/// The fields whose response contains a secret, by file.
pub(crate) const SECRET_RESPONSE: [&[&str]; 4] = [
    crate::team::graphql::api_key_mutations::SECRET_RESPONSE,
    crate::sign_in::challenge::graphql::mutations::SECRET_RESPONSE,
    crate::magic_links::graphql::mutations::SECRET_RESPONSE,
    crate::portal_views::graphql::SECRET_RESPONSE,
];

/// The fields that take a file.
pub(crate) const UPLOADS: [UploadField; 2] = [
    crate::contacts::graphql::import::CHECK_UPLOAD,
    crate::contacts::graphql::import::UPLOAD,
];

/// The result of a nullable field: an error nulls this field only.
pub(crate) async fn mutate<T>(work: impl Future<Output = Result<T>>) -> Option<async_graphql::Result<T>> {
    Some(work.await.map_err(Into::into))
}
