//! The state of a sign-in by email, live.

use async_graphql::{Context, ID, Subscription};
use futures_util::{Stream, StreamExt, stream};

use crate::api::context::ContextExt;
use crate::base::db::deadline;
use crate::base::error::Result;
use crate::base::ids::{AccountId, ChallengeId};
use crate::services::Services;
use crate::sign_in::challenge::model::{Challenge, ChallengeState};

#[derive(Default)]
pub(crate) struct ChallengeSubscriptions;

#[Subscription]
impl ChallengeSubscriptions {
    /// The state of a sign-in by email, then each change, until it is `COMPLETED` or `EXPIRED`: so that the requesting device
    /// learns what happens on another one. It never carries a token. For anyone who knows the id; an unknown one is
    /// `EXPIRED`.
    async fn sign_in_challenge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The sign-in that was started: `challenge_…`.")] challenge_id: ID,
    ) -> async_graphql::Result<impl Stream<Item = ChallengeState>> {
        let live = &ctx.services().live;
        let states = match find_challenge(ctx.services(), &challenge_id).await? {
            Some((account, id)) => live.challenge(account, id).left_stream(),
            None => stream::iter([ChallengeState::Expired]).right_stream(),
        };
        Ok(states.map(Into::into))
    }
}

/// The account of an existing challenge.
async fn find_challenge(services: &Services, id: &ID) -> Result<Option<(AccountId, ChallengeId)>> {
    let Ok(id) = id.parse::<ChallengeId>() else {
        return Ok(None);
    };
    let found = deadline::within(deadline::REQUEST, async {
        let mut conn = services.db.conn().await?;
        Challenge::locate(&mut conn, id).await
    });
    Ok(found.await?.map(|(account, _)| (account, id)))
}
