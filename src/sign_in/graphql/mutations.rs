//! Signing in and out over the API. The sign-in fields ignore the credential of the request.

use async_graphql::{Context, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use diesel_async::AsyncConnection;

use crate::accounts::model::section::PortalSection;
use crate::api::context::ContextExt;
use crate::api::mutation::mutate;
use crate::api::scalars::{DateTime as ApiTime, EmailAddress};
use crate::base::actor::Actor;
use crate::base::actor::Audience;
use crate::base::error::{Error, Result};
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::sign_in::challenge::confirmation::pending_confirmation;
use crate::sign_in::graphql::SignInPayload;
use crate::sign_in::graphql::login_request::LoginRequestInput;
use crate::sign_in::link;
use crate::sign_in::open_session::{SessionRecipient, SessionTransport};
use crate::sign_in::refusal::Reason;
use crate::sign_in::sessions::model::refresh::{self, Refreshed};
use crate::sign_in::sessions::model::sign_out::sign_out_own;

/// These fields sign in, so they ignore the credential of the request.
pub(crate) const IGNORE_CREDENTIAL: &[&str] = &["requestLoginEmail", "signInWithMagicLink", "refreshSession"];

#[derive(Default)]
pub(crate) struct SignInMutations;

/// Who signs in, and where.
#[derive(InputObject)]
pub(crate) struct RequestLoginEmailInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the email goes to.
    email: EmailAddress,
    /// Whether a contact (`PORTAL`) or a team member (`DASHBOARD`) signs in. Default: `PORTAL`.
    audience: Option<Audience>,
    /// Where the button leads. Default: `HOME`.
    section: Option<PortalSection>,
    /// The sign-in that this device requested before: it is kept until another email can be sent, and the email that was
    /// sent stays valid. Pass it with `deviceSecret`; one of another device or address is ignored.
    challenge_id: Option<ID>,
    /// The `deviceSecret` that came with `challengeId`.
    device_secret: Option<String>,
}

/// The same for every address: it doesn't say whether an email was sent.
#[derive(SimpleObject)]
pub(crate) struct RequestLoginEmailPayload {
    /// The sign-in that was started, or kept.
    challenge_id: ID,
    /// Kept by the requesting device, to finish a sign-in that was confirmed elsewhere.
    device_secret: String,
    /// Two digits for the requesting device to show: the person who uses the button elsewhere chooses them among three.
    matching_number: String,
    /// When it expires.
    expires_at: ApiTime,
    /// After how many seconds another request, with this `challengeId` and `deviceSecret`, can send another email.
    resend_after: i32,
}

/// A magic link's token.
#[derive(InputObject)]
pub(crate) struct SignInWithMagicLinkInput {
    /// The last part of the link's URL: `link_…`.
    token: String,
}

/// A refresh token.
#[derive(InputObject)]
pub(crate) struct RefreshSessionInput {
    /// The refresh token: `refresh_…`.
    refresh_token: String,
}

/// The outcome of signing out.
#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    /// Whether a session was ended.
    signed_out: bool,
}

#[Object]
impl SignInMutations {
    /// Emails a sign-in button and code, if the address belongs to a contact or team member of that audience. At most one
    /// email a minute and five an hour go to one address; the response is always the same. The requesting device finishes
    /// with `signInWithCode`, or with `signInWithChallenge` after the sign-in was confirmed where the button was used. To
    /// request another one, pass the `challengeId` and `deviceSecret` of the first response: its email then stays valid until
    /// another one is sent. No credential needed.
    async fn request_login_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address and the portal.")] input: RequestLoginEmailInput,
    ) -> Option<GraphqlResult<RequestLoginEmailPayload>> {
        mutate(request_login_email(ctx, input)).await
    }

    /// Redeems a magic link for a session. For any caller with its token.
    async fn sign_in_with_magic_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token.")] input: SignInWithMagicLinkInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(with_link(ctx, input)).await
    }

    /// Exchanges a refresh token for the next pair of tokens, once. For any caller with the token.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: RefreshSessionInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(refresh(ctx, input)).await
    }

    /// Ends the session that the request came with. For a signed-in contact or team member.
    async fn sign_out(&self, ctx: &Context<'_>) -> Option<GraphqlResult<SignOutPayload>> {
        mutate(sign_out(ctx)).await
    }
}

async fn request_login_email(
    ctx: &Context<'_>,
    input: RequestLoginEmailInput,
) -> Result<RequestLoginEmailPayload> {
    let request = LoginRequestInput {
        portal: input.portal,
        email: input.email,
        audience: input.audience,
        section: input.section.unwrap_or(PortalSection::Home),
        by_code: false,
        challenge_id: input.challenge_id,
        device_secret: input.device_secret,
    };
    let (requested, resend_after) = request.submit(ctx).await?;
    Ok(RequestLoginEmailPayload {
        challenge_id: ID(requested.id.to_string()),
        device_secret: requested.device_secret.reveal(),
        matching_number: requested.matching_number,
        expires_at: ApiTime(requested.expires_at),
        resend_after,
    })
}

async fn with_link(ctx: &Context<'_>, input: SignInWithMagicLinkInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let keys = &services.sign_in.keys;
    let Some(secret) = PlainSecret::parse(SecretKind::MagicLink, input.token.trim()) else {
        return Ok(SignInPayload::refused(Reason::LinkInvalid));
    };
    let moment = services.clock.moment();
    let recipient = SessionRecipient {
        transport: SessionTransport::Bearer,
        client: ctx.client(),
    };
    let mut conn = services.db.conn().await?;
    let outcome = conn
        .transaction(async |conn| link::complete(conn, keys, &secret, recipient, &moment).await)
        .await?;
    services.live.nudge_sign_in(secret.account, outcome.as_ref().ok());
    let confirmation = match &outcome {
        Ok(signed_in) => pending_confirmation(&mut conn, keys, &signed_in.session, moment.now).await?,
        Err(_) => None,
    };
    drop(conn);
    let payload =
        SignInPayload::from_outcome(services, outcome.map_err(|refused| refused.refusal.into())).await?;
    Ok(payload.with_confirmation(confirmation))
}

async fn refresh(ctx: &Context<'_>, input: RefreshSessionInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let Some(presented) = PlainSecret::parse(SecretKind::Refresh, input.refresh_token.trim()) else {
        return Ok(SignInPayload::refused(Reason::SessionExpired));
    };
    let (key, moment) = (&services.sign_in.keys.refresh, services.clock.moment());
    let mut conn = services.db.conn().await?;
    let refreshed = conn
        .transaction(async |conn| refresh::refresh(conn, &presented, key, ctx.client(), &moment).await)
        .await?;
    drop(conn);
    match refreshed {
        Refreshed::Renewed { pair, role } => SignInPayload::with_tokens(services, &pair, role, None).await,
        Refreshed::Ended { reused } => {
            if let Some(session) = reused {
                services.live.nudge_sessions_ended(presented.account, [session]);
            }
            Ok(SignInPayload::refused(Reason::SessionExpired))
        }
    }
}

async fn sign_out(ctx: &Context<'_>) -> Result<SignOutPayload> {
    let viewer = &ctx.auth().viewer;
    if matches!(viewer.actor(), Actor::Key(_)) {
        return Err(Error::forbidden("An API key has no session to end."));
    }
    let own = viewer.own_session()?;
    let services = ctx.services();
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let signed_out = conn
        .transaction(async |conn| sign_out_own(conn, &own, ctx.client(), &moment).await)
        .await?;
    services.live.nudge_sessions_ended(own.account, [own.id]);
    Ok(SignOutPayload { signed_out })
}
