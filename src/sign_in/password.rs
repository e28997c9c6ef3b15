//! Signing in with a password: the try is counted first, then compared with no connection held, then decided.

mod comparing;
pub(crate) mod emails;
pub mod graphql;
pub mod hashing;
pub mod model;
pub mod pages;
pub mod reset;
pub mod set;

use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Audience;
use crate::base::actor::Client;
use crate::base::actor::SignInMethod;
use crate::base::address::EmailAddress;
use crate::base::clock::Moment;
use crate::base::db::Conn;
use crate::base::error::{Error, Result};
use crate::base::ids::AccountId;
use crate::live::Topic;
use crate::sign_in::open_session::{Attempted, enter, refused};
use crate::sign_in::password::hashing::Password as Typed;
use crate::sign_in::password::model as password;
use crate::sign_in::person::Person;
use crate::sign_in::refusal::{Reason, Refusal};
use crate::sign_in::service::{Outlet, SignIn, SignedIn};
use crate::sign_in::sessions::model::{Holder, Opening};

pub(crate) use comparing::{Compared, Targets, Whose, settle};

/// Somebody says who they are.
#[derive(Clone, Copy)]
pub struct PasswordTry<'a> {
    pub account: AccountId,
    pub audience: Audience,
    pub email: &'a EmailAddress,
    pub password: &'a str,
}

impl SignIn {
    pub async fn with_password(
        &self,
        tried: &PasswordTry<'_>,
        outlet: Outlet<'_>,
        client: &Client,
    ) -> Result<Result<SignedIn, Refusal>> {
        let typed = Typed::read("input.password", tried.password)?;
        let moment = self.clock.moment();
        let targets = Targets::of(password::target(tried.audience, &tried.email.key), client);
        let whose = Whose::Address(tried.email);
        let attempted = Attempted {
            account: tried.account,
            audience: tried.audience,
            method: SignInMethod::Password,
            client,
        };
        let seat = self.passwords.seat().await?;
        let compared = match self
            .compare_password(&seat, &attempted, (whose, targets), &typed, &moment)
            .await?
        {
            Ok(compared) => compared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut conn = self.db.conn().await?;
        let done = conn
            .transaction(async |conn| -> Result<_> {
                self.decide(conn, &attempted, compared, (targets, outlet), &moment)
                    .await
            })
            .await?;
        self.live
            .nudge(tried.account, &[Topic::Counts, Topic::Activity, Topic::Messages]);
        Ok(done)
    }

    async fn decide(
        &self,
        conn: &mut Conn,
        attempted: &Attempted<'_>,
        compared: Compared,
        (targets, outlet): (Targets, Outlet<'_>),
        moment: &Moment,
    ) -> Result<Result<SignedIn, Refusal>> {
        let person = match settle(conn, attempted, compared, targets, moment).await? {
            Ok(person) => person,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let account = Account::find(conn, attempted.account).await?;
        let barred = if person.revoked() {
            Some(Reason::AccessRevoked)
        } else if !account.password_allowed {
            Some(Reason::MethodDisabled)
        } else {
            None
        };
        if let Some(reason) = barred {
            refused(conn, attempted, Some(&person), reason, moment).await?;
            return Ok(Err(reason.into()));
        }
        let opening = Opening {
            browser: outlet.browser_hash(),
            ..Opening::new(
                account.id,
                person.holder(),
                SignInMethod::Password,
                attempted.client,
            )
        };
        let session = enter(conn, &person, &opening, false, moment).await?;
        let to = (PortalSection::Home, person.role());
        Ok(Ok(self.hand_over(conn, session, outlet, to, moment).await?))
    }

    /// Whether the signed-in holder knows their password: counted and compared as at a sign-in, without a session.
    pub async fn check_password(
        &self,
        account: AccountId,
        holder: Holder,
        password: (&str, &str),
        client: &Client,
    ) -> Result<Result<(), Refusal>> {
        let (field, text) = password;
        let typed = Typed::read(field, text)?;
        let moment = self.clock.moment();
        let mut conn = self.db.conn().await?;
        let person = Person::find(&mut conn, account, holder).await?;
        drop(conn);
        let person = person.ok_or_else(Error::unauthenticated)?;
        let targets = Targets::of(password::target_of(&person), client);
        let attempted = Attempted {
            account,
            audience: holder.audience(),
            method: SignInMethod::Password,
            client,
        };
        let seat = self.passwords.seat().await?;
        let compared = match self
            .compare_password(
                &seat,
                &attempted,
                (Whose::Holder(holder), targets),
                &typed,
                &moment,
            )
            .await?
        {
            Ok(compared) => compared,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut conn = self.db.conn().await?;
        conn.transaction(async |conn| -> Result<_> {
            let person = match settle(conn, &attempted, compared, targets, &moment).await? {
                Ok(person) => person,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if Account::find(conn, account).await?.password_allowed {
                return Ok(Ok(()));
            }
            let reason = Reason::MethodDisabled;
            refused(conn, &attempted, Some(&person), reason, &moment).await?;
            Ok(Err(reason.into()))
        })
        .await
    }
}
