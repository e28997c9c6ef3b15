//! Resending and cancelling many invitations at once.

mod request;

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};

use self::request::{Changed, InvitationChange};
use crate::api::context::ContextExt;
use crate::api::mutation::mutate;
use crate::bulk_jobs::graphql::BulkJob;
use crate::invitations::graphql::Invitation;
use crate::invitations::graphql::filter::InvitationFilter;
use crate::invitations::model::recipients::{Indexed, escape_input};
use crate::invitations::model::skipped::{SkipReason, Skipped};

#[derive(Default)]
pub(crate) struct ManyInvitationsMutations;

/// The invitations to send again.
#[derive(InputObject)]
pub(crate) struct ResendInvitationsInput {
    /// The invitations, by id: at most 20,000.
    invitation_ids: Option<Vec<ID>>,
    /// Every invitation that matches, instead of ids. Anything but `statuses` in it needs the scope `READ` too.
    filter: Option<InvitationFilter>,
    /// Only reports what would happen: nothing is sent.
    dry_run: Option<bool>,
}

/// The invitations to cancel.
#[derive(InputObject)]
pub(crate) struct CancelInvitationsInput {
    /// The invitations, by id: at most 20,000.
    invitation_ids: Option<Vec<ID>>,
    /// Every invitation that matches, instead of ids. Anything but `statuses` in it needs the scope `READ` too.
    filter: Option<InvitationFilter>,
    /// Only reports what would happen: nothing is cancelled.
    dry_run: Option<bool>,
}

/// An invitation that stays as it is, and why.
#[derive(SimpleObject)]
pub(crate) struct SkippedInvitation {
    /// The invitation's id as the request has it.
    invitation_id: ID,
    /// The contact's address, for callers with the scope `READ`.
    email: Option<String>,
    /// Why.
    reason: SkipReason,
}

impl SkippedInvitation {
    /// All that were skipped, in the order of the input.
    fn all(ctx: &Context<'_>, mut skipped: Vec<Skipped>, requested: &[Indexed<String>]) -> Vec<Self> {
        skipped.sort_by_key(|one| one.index);
        let ids: HashMap<usize, &str> = requested.iter().map(|(index, id)| (*index, &id[..])).collect();
        let one = |skipped: Skipped| Self {
            invitation_id: ID(ids
                .get(&skipped.index)
                .map(|id| escape_input(id))
                .unwrap_or_default()),
            email: skipped.email.filter(|_| ctx.may_read()),
            reason: skipped.reason,
        };
        skipped.into_iter().map(one).collect()
    }
}

/// The invitations that were sent again.
#[derive(SimpleObject)]
pub(crate) struct ResendInvitationsPayload {
    /// How many are sent again, or would be with `dryRun`; with a bulk job, how many it goes through.
    count: i32,
    /// The invitations, with the same ids as before, in the order of the input. Empty with `dryRun` and with a bulk job.
    invitations: Vec<Invitation>,
    /// Those that were not sent again, and why: at most 100 for a filter. With a bulk job: see its items.
    skipped: Vec<SkippedInvitation>,
    /// The job that does it, for more than 100 invitations.
    bulk_job: Option<BulkJob>,
}

/// The cancelled invitations.
#[derive(SimpleObject)]
pub(crate) struct CancelInvitationsPayload {
    /// How many are cancelled now, or would be with `dryRun`; with a bulk job, how many it goes through. Those that were cancelled
    /// before count too.
    count: i32,
    /// The invitations, in the order of the input. Empty with `dryRun` and with a bulk job.
    invitations: Vec<Invitation>,
    /// Those that can't be cancelled, and why: at most 100 for a filter. With a bulk job: see its items.
    skipped: Vec<SkippedInvitation>,
    /// The job that does it, for more than 100 invitations.
    bulk_job: Option<BulkJob>,
}

impl From<Changed> for ResendInvitationsPayload {
    fn from(changed: Changed) -> Self {
        Self {
            count: changed.count,
            invitations: changed.invitations,
            skipped: changed.skipped,
            bulk_job: changed.bulk_job,
        }
    }
}

impl From<Changed> for CancelInvitationsPayload {
    fn from(changed: Changed) -> Self {
        Self {
            count: changed.count,
            invitations: changed.invitations,
            skipped: changed.skipped,
            bulk_job: changed.bulk_job,
        }
    }
}

#[Object]
impl ManyInvitationsMutations {
    /// Does what `resendInvitation` does for many invitations. Each is sent again or skipped with a reason: up to 100 at once, more
    /// as a bulk job. Needs the scope `INVITE`.
    async fn resend_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitations.")] input: ResendInvitationsInput,
    ) -> Option<GraphqlResult<ResendInvitationsPayload>> {
        mutate(async {
            let ResendInvitationsInput {
                invitation_ids,
                filter,
                dry_run,
            } = input;
            let change = InvitationChange::Resend;
            let changed = change.of_many(ctx, invitation_ids, filter, dry_run).await?;
            Ok(changed.into())
        })
        .await
    }

    /// Does what `cancelInvitation` does for many invitations. Each is cancelled or skipped with a reason: up to 100 at once, more as
    /// a bulk job. Needs the scope `INVITE`.
    async fn cancel_invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitations.")] input: CancelInvitationsInput,
    ) -> Option<GraphqlResult<CancelInvitationsPayload>> {
        mutate(async {
            let CancelInvitationsInput {
                invitation_ids,
                filter,
                dry_run,
            } = input;
            let change = InvitationChange::Cancel;
            let changed = change.of_many(ctx, invitation_ids, filter, dry_run).await?;
            Ok(changed.into())
        })
        .await
    }
}
