//! The sign-in flows as the pages run them: verify, complete in one transaction, nudge.

use diesel_async::AsyncConnection;
use vestibule::base::actor::{Client, Role};
use vestibule::base::db::{Conn, Db};
use vestibule::base::error::Result;
use vestibule::base::secrets::PlainSecret;
use vestibule::live::{Live, Topic};
use vestibule::magic_links::model::redeem::RefusedLink;
use vestibule::services::Services;
use vestibule::sign_in::attempt::count_email_request;
use vestibule::sign_in::challenge;
use vestibule::sign_in::challenge::VerifiedChallenge;
use vestibule::sign_in::challenge::code::SubmittedCode;
use vestibule::sign_in::challenge::confirmation::{
    self, Choice, Confirmation, ConfirmationAnswer, ConfirmationOutcome,
};
use vestibule::sign_in::challenge::model::{Challenge, ChallengeState, LoginRequest, RequestedChallenge};
use vestibule::sign_in::context::SignInContext;
use vestibule::sign_in::link;
use vestibule::sign_in::open_session::{SessionRecipient, SessionTransport, SignedIn};
use vestibule::sign_in::refusal::Refusal;
use vestibule::sign_in::sessions::OwnSession;
use vestibule::sign_in::sessions::model::Session;
use vestibule::sign_in::sessions::model::refresh::{Refreshed, TokenPair, refresh};

pub struct TestSignIn {
    pub db: Db,
    pub context: SignInContext,
    live: Live,
}

impl TestSignIn {
    pub fn new(services: &Services) -> Self {
        Self {
            db: services.db.clone(),
            context: services.sign_in.clone(),
            live: services.live.clone(),
        }
    }

    pub async fn with_link(
        &self,
        secret: &PlainSecret,
        transport: SessionTransport<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, RefusedLink>> {
        let (keys, moment) = (&self.context.keys, self.context.clock.moment());
        let mut conn = self.db.conn().await?;
        let recipient = SessionRecipient { transport, client };
        let done = conn
            .transaction(async |conn| link::complete(conn, keys, secret, recipient, &moment).await)
            .await?;
        self.live.nudge_sign_in(secret.account, done.as_ref().ok());
        Ok(done)
    }

    pub async fn with_staff_link(
        &self,
        secret: &PlainSecret,
        transport: SessionTransport<'_>,
        client: &Client,
    ) -> Result<Option<SignedIn>> {
        let (keys, moment) = (&self.context.keys, self.context.clock.moment());
        let mut conn = self.db.conn().await?;
        let recipient = SessionRecipient { transport, client };
        let done = conn
            .transaction(async |conn| link::complete_staff(conn, keys, secret, recipient, &moment).await)
            .await?;
        self.live.nudge_sign_in(secret.account, done.as_ref());
        Ok(done)
    }

    pub async fn with_code(
        &self,
        challenge: &str,
        code: &str,
        transport: SessionTransport<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let (keys, moment) = (&self.context.keys, self.context.clock.moment());
        let mut conn = self.db.conn().await?;
        let submitted = SubmittedCode { challenge, code };
        match challenge::code::verify(&mut conn, keys, submitted, client, &moment).await? {
            Ok(verified) => self.complete(&mut conn, &verified, transport).await,
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    pub async fn with_challenge(
        &self,
        challenge: &str,
        secret: &PlainSecret,
        transport: SessionTransport<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let moment = self.context.clock.moment();
        let mut conn = self.db.conn().await?;
        match challenge::device::verify(&mut conn, challenge, secret, client, &moment).await? {
            Ok(verified) => self.complete(&mut conn, &verified, transport).await,
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    async fn complete(
        &self,
        conn: &mut Conn,
        verified: &VerifiedChallenge<'_>,
        transport: SessionTransport<'_>,
    ) -> Result<Result<SignedIn, Refusal>> {
        let (keys, moment) = (&self.context.keys, self.context.clock.moment());
        let done = conn
            .transaction(async |conn| challenge::complete(conn, keys, verified, transport, &moment).await)
            .await?;
        if let Ok(signed_in) = &done {
            self.live
                .nudge_sign_in(signed_in.session.account_id, Some(signed_in));
        }
        Ok(done)
    }

    pub async fn challenge_state(&self, challenge: &str) -> Result<ChallengeState> {
        let mut conn = self.db.conn().await?;
        challenge::state_of(&mut conn, challenge, self.context.clock.now()).await
    }

    pub async fn after_redeem(
        &self,
        session: &Session,
        device: Option<&PlainSecret>,
    ) -> Result<Option<Confirmation>> {
        let mut conn = self.db.conn().await?;
        let now = self.context.clock.now();
        confirmation::after_redeem(&mut conn, &self.context.keys, session, device, now).await
    }

    pub async fn confirmation(&self, session: &Session) -> Result<Option<Confirmation>> {
        let mut conn = self.db.conn().await?;
        confirmation::pending_confirmation(&mut conn, &self.context.keys, session, self.context.clock.now())
            .await
    }

    pub async fn confirm(
        &self,
        own: &OwnSession,
        challenge: &str,
        choice: Choice<'_>,
        client: &Client,
    ) -> Result<ConfirmationOutcome> {
        let moment = self.context.clock.moment();
        let mut conn = self.db.conn().await?;
        let answer = ConfirmationAnswer { challenge, choice };
        let (id, outcome) = conn
            .transaction(async |conn| confirmation::answer(conn, own, answer, client, &moment).await)
            .await?;
        self.live.nudge(own.account, &[Topic::Challenge(id)]);
        Ok(outcome)
    }

    pub async fn request(&self, request: &LoginRequest<'_>) -> Result<RequestedChallenge> {
        let moment = self.context.clock.moment();
        let mut conn = self.db.conn().await?;
        count_email_request(&mut conn, request.account.id, request.client, &moment).await?;
        let requested = conn
            .transaction(async |conn| Challenge::request(conn, request, &moment).await)
            .await?;
        self.live.nudge_login_request(request.account.id, &requested);
        Ok(requested)
    }

    pub async fn refresh(
        &self,
        presented: &PlainSecret,
        client: &Client,
    ) -> Result<Option<(TokenPair, Option<Role>)>> {
        let (key, moment) = (&self.context.keys.refresh, self.context.clock.moment());
        let mut conn = self.db.conn().await?;
        let refreshed = conn
            .transaction(async |conn| refresh(conn, presented, key, client, &moment).await)
            .await?;
        Ok(match refreshed {
            Refreshed::Renewed { pair, role } => Some((*pair, role)),
            Refreshed::Ended { .. } => None,
        })
    }
}
