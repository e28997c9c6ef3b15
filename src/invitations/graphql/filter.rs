//! The filter of invitations, as the API takes it.

use async_graphql::InputObject;

use crate::api::scalars::DateTimeText;
use crate::base::error::{Error, Result};
use crate::contacts::graphql::input::{parse_search, parse_time};
use crate::invitations::model as invitation;
use crate::invitations::model::InvitationStatus;

/// Which invitations: those that meet all conditions given. Without any condition: all.
#[derive(InputObject, Clone, Debug, Default)]
pub(crate) struct InvitationFilter {
    /// The status now is one of these.
    statuses: Option<Vec<InvitationStatus>>,
    /// Expires before this time, or expired before it.
    expires_before: Option<DateTimeText>,
    /// The contact's name or address contains words that begin with each of these words, in any letter case, as in
    /// `ContactFilter.search`. At most 200 characters; empty: all.
    search: Option<String>,
}

impl InvitationFilter {
    /// Whether its matches reveal more about contacts than the status of their invitations.
    pub(crate) fn needs_read(&self) -> bool {
        let Self {
            statuses: _,
            expires_before,
            search,
        } = self;
        expires_before.is_some() || search.is_some()
    }

    /// `field` is the path of the filter, such as `input.filter`.
    pub(crate) fn parse(self, field: &str) -> Result<invitation::InvitationFilter> {
        if self.statuses.as_ref().is_some_and(Vec::is_empty) {
            let message = "Name at least one status, or leave it out.";
            return Err(Error::bad_input(format!("{field}.statuses"), message));
        }
        Ok(invitation::InvitationFilter {
            statuses: self.statuses,
            expires_before: parse_time(&format!("{field}.expiresBefore"), self.expires_before)?,
            search: parse_search(&format!("{field}.search"), self.search)?,
        })
    }
}
