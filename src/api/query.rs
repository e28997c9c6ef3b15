//! The root of all queries.

use async_graphql::MergedObject;

use super::node;
use crate::accounts::graphql as account;
use crate::audit_log::graphql as audit;
use crate::bulk_jobs::graphql as bulk_job;
use crate::contacts::graphql::{activity, portal_stats, queries as contact_queries, stats_history, tags};
use crate::invitations::graphql as invitation;
use crate::magic_links::graphql as magic_link;
use crate::messages::graphql as message;
use crate::sign_in::graphql::viewer;
use crate::team::graphql as team;
use crate::team::graphql::api_key;

/// Everything that can be read. Whose data it is follows from the credential, never from an argument.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQueries,
    viewer::ViewerQueries,
    account::AccountQueries,
    portal_stats::StatsQueries,
    stats_history::HistoryQueries,
    contact_queries::ContactQueries,
    tags::TagQueries,
    invitation::InvitationQueries,
    invitation::check::RecipientQueries,
    magic_link::LinkQueries,
    message::MessageQueries,
    bulk_job::JobQueries,
    activity::ActivityQueries,
    team::TeamQueries,
    api_key::KeyQueries,
    audit::AuditQueries,
    crate::courses::graphql::CourseQueries,
    crate::communities::graphql::CommunityQueries,
    crate::offers::graphql::OfferQueries,
    crate::access::graphql::grant::GrantQueries,
    crate::affiliates::graphql::AffiliateQueries,
    crate::menu::graphql::MenuQueries,
    crate::smart_lists::graphql::SmartListQueries,
    crate::templates::graphql::TemplateQueries,
    crate::templates::graphql::MergeFieldQueries,
    crate::templates::graphql::PreviewQueries,
    crate::system_emails::graphql::SystemEmailQueries,
    crate::workflows::graphql::WorkflowQueries,
);
