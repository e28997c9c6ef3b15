//! Signing in with an ID token of Google, for mobile apps. Browsers use `/auth/google/start`.

use async_graphql::{Context, InputObject, Object, Result as GraphqlResult};
use diesel_async::AsyncConnection;

use crate::accounts::graphql::find_portal;
use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::idempotency::claim_idempotency_key;
use crate::api::mutation::mutate;
use crate::base::actor::Audience;
use crate::base::error::{Error, Result};
use crate::sign_in::google::{self, GoogleAttempt, GoogleProof};
use crate::sign_in::graphql::SignInPayload;
use crate::sign_in::open_session::SessionTransport;

/// These fields sign in, so they ignore the credential of the request.
pub(crate) const IGNORE_CREDENTIAL: &[&str] = &["signInWithGoogle"];

#[derive(Default)]
pub(crate) struct GoogleMutations;

/// An ID token of Google.
#[derive(InputObject)]
pub(crate) struct SignInWithGoogleInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The ID token (a JWT) from Google, issued to the client id of this server or of one of the account's apps.
    id_token: String,
    /// The nonce that the app sent to Google with its request: a new one each time.
    nonce: String,
    /// Whether a contact (`PORTAL`) or a team member (`DASHBOARD`) signs in. Default: `PORTAL`.
    audience: Option<Audience>,
}

#[Object]
impl GoogleMutations {
    /// Signs in with an ID token of Google: the person who is linked to that Google account, or who has the address that
    /// Google has verified; that links the account. A token signs in once. No credential needed.
    async fn sign_in_with_google(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token and its nonce.")] input: SignInWithGoogleInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(sign_in(ctx, input)).await
    }
}

async fn sign_in(ctx: &Context<'_>, input: SignInWithGoogleInput) -> Result<SignInPayload> {
    if input.nonce.trim().is_empty() {
        let message = "Pass the nonce that the app sent to Google with its request.";
        return Err(Error::bad_input("input.nonce", message));
    }
    let services = ctx.services();
    let mut conn = services.db.conn().await?;
    let account = find_portal(services, &mut conn, &input.portal).await?;
    let account = account.ok_or_else(|| Error::not_found("input.portal", "portal"))?;
    drop(conn);
    let attempt = GoogleAttempt {
        account: &account,
        audience: input.audience.unwrap_or(Audience::Portal),
        proof: GoogleProof::IdToken {
            token: &input.id_token,
            nonce: &input.nonce,
        },
        section: PortalSection::Home,
        client: ctx.client(),
    };
    let context = &services.sign_in;
    let verified = match google::verify(context, attempt).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(SignInPayload::refused(refusal)),
    };
    let (moment, transport) = (services.clock.moment(), SessionTransport::Bearer);
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| -> Result<_> {
            claim_idempotency_key(ctx, conn, &moment).await?;
            google::complete(conn, context, verified, transport, &moment).await
        })
        .await?;
    drop(conn);
    services.live.nudge_sign_in(account.id, outcome.as_ref().ok());
    SignInPayload::from_outcome(services, outcome).await
}
