//! Signing in and out over the API. The sign-in fields ignore the credential of the request.

use async_graphql::{Context, Enum, ID, InputObject, Object, Result as GraphqlResult, SimpleObject};
use chrono::{DateTime, Utc};
use diesel_async::AsyncConnection;

use super::mutate;
use crate::address;
use crate::auth::viewer::{Actor, Client, Role};
use crate::error::{Error, Result};
use crate::graphql::account::portal_named;
use crate::graphql::context::{Request, Services};
use crate::graphql::enums::PortalSection;
use crate::graphql::scalars::{DateTime as ApiTime, EmailAddress, Url};
use crate::graphql::viewer::Viewer;
use crate::live::Topic;
use crate::models::challenge;
use crate::models::redeem::LinkRefusal;
use crate::models::refresh::Pair;
use crate::models::section;
use crate::models::session::Audience;
use crate::secrets::{PlainSecret, SecretKind};

#[derive(Default)]
pub struct SignInMutations;

/// Whose sign-in is meant, where an address is both a contact's and a team member's.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "Audience")]
pub enum ApiAudience {
    /// A contact's, to the portal.
    Portal,
    /// A team member's, to the dashboard.
    Dashboard,
}

/// Who wants to sign in, and where.
#[derive(InputObject)]
pub struct RequestLoginEmailInput {
    /// The portal: its slug or its host.
    portal: String,
    /// The address that the mail goes to.
    email: EmailAddress,
    /// Whose sign-in. Default: `PORTAL`.
    audience: Option<ApiAudience>,
    /// Where the button leads. Default: `HOME`.
    section: Option<PortalSection>,
}

/// The same, whoever the address belongs to: whether a mail is on its way is not said.
#[derive(SimpleObject)]
pub struct RequestLoginEmailPayload {
    /// The sign-in that was begun.
    challenge_id: ID,
    /// Kept by the asking device: with it, it finishes a sign-in that was confirmed elsewhere.
    device_secret: String,
    /// Two digits that the asking device shows, so that a person can compare them.
    matching_number: String,
    /// When it can't be finished any more.
    expires_at: ApiTime,
}

/// A magic link's token.
#[derive(InputObject)]
pub struct SignInWithMagicLinkInput {
    /// The last part of the link's URL: `link_…`.
    token: String,
}

/// A refresh token.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The refresh token as it was given: `refresh_…`.
    refresh_token: String,
}

/// The outcome of signing in: a session or a refusal, never both.
#[derive(SimpleObject, Default)]
pub struct SignInPayload {
    /// The tokens of the session.
    session: Option<SessionTokens>,
    /// Who is signed in now.
    viewer: Option<Viewer>,
    /// The page to land on.
    landing_url: Option<Url>,
    /// Why there is no session.
    refusal: Option<SignInRefusal>,
}

/// The tokens of a session.
#[derive(SimpleObject)]
pub struct SessionTokens {
    /// A JWT (EdDSA), good for 10 minutes: `Authorization: Bearer …`. Other services verify it by `/.well-known/jwks.json`.
    access_token: String,
    /// When the access token ends.
    access_token_expires_at: ApiTime,
    /// Gives the next pair, once. A lost answer may be asked for again with the same token.
    refresh_token: String,
    /// When the session ends, however often it is refreshed.
    refresh_token_expires_at: ApiTime,
}

/// Why somebody was not signed in.
#[derive(SimpleObject)]
pub struct SignInRefusal {
    /// The reason, for programs.
    reason: SignInRefusalReason,
    /// The reason, as a sentence to show.
    message: String,
    /// Seconds after which another try makes sense.
    retry_after: Option<i32>,
}

/// Why somebody was not signed in. More reasons come with more ways to sign in.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInRefusalReason {
    /// It is no link of this portal.
    LinkInvalid,
    /// The link's time is over.
    LinkExpired,
    /// The link was used. With `retryAfter` it may be good again then: a mail scanner may have pressed it.
    LinkUsed,
    /// A newer link was sent.
    LinkSuperseded,
    /// The link was ended: by staff, by joining another way, or because the contact's address changed.
    LinkRevoked,
    /// The contact's access was revoked.
    AccessRevoked,
    /// The session has ended: sign in again.
    SessionExpired,
}

/// The outcome of signing out.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// Whether a session was ended.
    signed_out: bool,
}

#[Object]
impl SignInMutations {
    /// Mails a button that signs in, if the address is a contact's. At most one mail a minute and five an hour go to one
    /// address; the answer is the same in any case. For anyone.
    async fn request_login_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and where.")] input: RequestLoginEmailInput,
    ) -> Option<GraphqlResult<RequestLoginEmailPayload>> {
        mutate(request_login_email(ctx, input)).await
    }

    /// Redeems a magic link for a session. For anyone who holds its token.
    async fn sign_in_with_magic_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link's token.")] input: SignInWithMagicLinkInput,
    ) -> Option<GraphqlResult<SignInPayload>> {
        mutate(with_link(ctx, input)).await
    }

    /// Gives the next pair of tokens for a refresh token, once. For anyone who holds it.
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
    let services = ctx.services();
    let email = address::EmailAddress::parse(&input.email.0)
        .map_err(|fault| Error::bad_input("input.email", format!("This can't be used: {fault}.")))?;
    let moment = services.clock.moment();
    let mut conn = services.db.conn().await?;
    let account = portal_named(services, &mut conn, &input.portal).await?;
    let account = account.ok_or_else(|| Error::not_found("input.portal", "portal"))?;
    let request = challenge::Request {
        account: account.id,
        audience: match input.audience {
            Some(ApiAudience::Dashboard) => Audience::Dashboard,
            Some(ApiAudience::Portal) | None => Audience::Portal,
        },
        email: &email,
        section: input.section.map_or(section::PortalSection::Home, Into::into),
        client: ctx.client(),
    };
    let asked = conn
        .transaction(async |conn| -> Result<_> { challenge::request(conn, &request, &moment).await })
        .await?;
    services
        .live
        .nudge(account.id, &[Topic::Activity, Topic::Messages]);
    Ok(RequestLoginEmailPayload {
        challenge_id: ID(asked.id.to_string()),
        device_secret: asked.device_secret.reveal(),
        matching_number: asked.matching_number,
        expires_at: ApiTime(asked.expires_at),
    })
}

async fn with_link(ctx: &Context<'_>, input: SignInWithMagicLinkInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let Some(secret) = PlainSecret::parse(SecretKind::MagicLink, input.token.trim()) else {
        return Ok(SignInPayload::refused(link_refusal(LinkRefusal::Invalid)));
    };
    match services.sign_in.with_link(&secret, ctx.client()).await? {
        Err(refusal) => Ok(SignInPayload::refused(link_refusal(refusal))),
        Ok(signed_in) => {
            let landing = services
                .settings
                .addresses
                .section(&signed_in.slug, signed_in.section);
            SignInPayload::given(services, &signed_in.credential, None, Some(landing)).await
        }
    }
}

async fn refresh(ctx: &Context<'_>, input: RefreshSessionInput) -> Result<SignInPayload> {
    let services = ctx.services();
    let ended = || {
        SignInPayload::refused(SignInRefusal {
            reason: SignInRefusalReason::SessionExpired,
            message: "This session has ended. Sign in again.".to_owned(),
            retry_after: None,
        })
    };
    let Some(presented) = PlainSecret::parse(SecretKind::Refresh, input.refresh_token.trim()) else {
        return Ok(ended());
    };
    match services.sign_in.refresh(&presented, ctx.client()).await? {
        None => Ok(ended()),
        Some((pair, role)) => SignInPayload::given(services, &pair, role, None).await,
    }
}

async fn sign_out(ctx: &Context<'_>) -> Result<SignOutPayload> {
    let viewer = &ctx.pass().viewer;
    match viewer.actor() {
        Actor::Anonymous => return Err(Error::unauthenticated()),
        Actor::Key(_) => return Err(Error::forbidden("An API key has no session to end.")),
        _ => {}
    }
    let client: &Client = ctx.client();
    let signed_out = ctx.services().sign_in.sign_out(viewer, client).await?;
    Ok(SignOutPayload { signed_out })
}

impl SignInPayload {
    fn refused(refusal: SignInRefusal) -> Self {
        Self {
            refusal: Some(refusal),
            ..Self::default()
        }
    }

    async fn given(
        services: &Services,
        pair: &Pair,
        role: Option<Role>,
        landing: Option<String>,
    ) -> Result<Self> {
        let now: DateTime<Utc> = services.clock.now();
        let (access_token, access_expires_at) = services.sign_in.tokens.access(pair, role, now)?;
        let mut conn = services.db.conn().await?;
        let viewer = Viewer::of_session(&mut conn, &pair.session).await?;
        Ok(Self {
            session: Some(SessionTokens {
                access_token,
                access_token_expires_at: ApiTime(access_expires_at),
                refresh_token: pair.refresh.reveal(),
                refresh_token_expires_at: ApiTime(pair.session.expires_at),
            }),
            viewer,
            landing_url: landing.map(Url),
            refusal: None,
        })
    }
}

fn link_refusal(refusal: LinkRefusal) -> SignInRefusal {
    let (reason, message, retry_after) = match refusal {
        LinkRefusal::Invalid => (
            SignInRefusalReason::LinkInvalid,
            "This is not a link of this portal.",
            None,
        ),
        LinkRefusal::Expired => (
            SignInRefusalReason::LinkExpired,
            "This link has expired. Ask for a fresh one.",
            None,
        ),
        LinkRefusal::Used { retry_after } => (
            SignInRefusalReason::LinkUsed,
            "This link was used already. Ask for a fresh one.",
            retry_after,
        ),
        LinkRefusal::Superseded => (
            SignInRefusalReason::LinkSuperseded,
            "A newer link was sent. Use that one, or ask for a fresh one.",
            None,
        ),
        LinkRefusal::Revoked => (
            SignInRefusalReason::LinkRevoked,
            "This link was ended. Ask for a fresh one.",
            None,
        ),
        LinkRefusal::AccessRevoked => (
            SignInRefusalReason::AccessRevoked,
            "Your access to this portal was revoked.",
            None,
        ),
    };
    let retry_after = retry_after.and_then(|seconds| i32::try_from(seconds).ok());
    SignInRefusal {
        reason,
        message: message.to_owned(),
        retry_after,
    }
}
