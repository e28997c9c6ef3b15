//! The root of all reading.

use async_graphql::MergedObject;

use super::{
    account, activity, api_key, audit, bulk_job, contact_queries, invitation, magic_link, message, node,
    portal_stats, team, viewer,
};

/// Everything that can be read. Whose data it is follows from the credential, never from an argument.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQueries,
    viewer::ViewerQueries,
    account::AccountQueries,
    portal_stats::StatsQueries,
    contact_queries::ContactQueries,
    invitation::InvitationQueries,
    magic_link::LinkQueries,
    message::MessageQueries,
    bulk_job::JobQueries,
    activity::ActivityQueries,
    team::TeamQueries,
    api_key::KeyQueries,
    audit::AuditQueries,
);
