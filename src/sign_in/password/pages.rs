//! Another password by mail: the wish, and the page that the mail's link opens. `GET` changes nothing, and nobody is signed in
//! by it (OWASP Forgot Password).

use diesel_async::AsyncConnection;

use crate::accounts::model::Account;
use crate::base::actor::{Audience, Client};
use crate::base::address::EmailAddress;
use crate::base::error::{Code, Result};
use crate::base::mask;
use crate::base::secrets::{PlainSecret, SecretKind};
use crate::live::Topic;
use crate::pages::views::{ForgotView, ResetView, ToldView};
pub(crate) use crate::pages::{Reply, Site, Visit};
use crate::sign_in::attempt;
use crate::sign_in::pages::Doorstep;
use crate::sign_in::pages::login::{address, words};
use crate::sign_in::password::change::PasswordField;
use crate::sign_in::password::model::reset::{PasswordReset, ResetRequest};
use crate::sign_in::password::reset;
use crate::sign_in::refusal::{Reason, Refusal};

impl Site {
    pub(crate) fn forgot_form(&self, door: &Doorstep, visit: &Visit) -> Result<Reply> {
        self.forgot_page(door, visit, "", None)
    }

    fn forgot_page(&self, door: &Doorstep, visit: &Visit, email: &str, error: Option<&str>) -> Result<Reply> {
        let view = ForgotView {
            layout: door.layout(),
            door: door.doorway(self),
            form_token: &self.form_token(visit, &door.path("forgot")),
            email,
            error,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    pub(crate) async fn forgot(&self, door: &Doorstep, mut visit: Visit) -> Result<Reply> {
        let action = door.path("forgot");
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let email = match address(form.get("email")) {
            Ok(email) => email,
            Err(fault) => return self.forgot_page(door, &visit, form.get("email"), Some(fault)),
        };
        if let Some(account) = &door.account {
            self.request_reset(account, door.audience, &email, &visit.client)
                .await?;
        }
        let words = format!(
            "If {} can sign in here, an email with a link to choose a new password is on its way. It expires in 30 minutes.",
            email.text
        );
        self.told(door, "Check your email", &words)
    }

    async fn request_reset(
        &self,
        account: &Account,
        audience: Audience,
        email: &EmailAddress,
        client: &Client,
    ) -> Result<()> {
        let (key, moment) = (&self.services.sign_in.keys.reset, self.services.clock.moment());
        let request = ResetRequest {
            account,
            audience,
            email,
            client,
        };
        let mut conn = self.services.db.conn().await?;
        attempt::count_email_request(&mut conn, account.id, client, &moment).await?;
        conn.transaction(async |conn| PasswordReset::request(conn, &request, key, &moment).await)
            .await?;
        let topics = [Topic::Activity, Topic::Messages];
        self.services.live.nudge(account.id, &topics);
        Ok(())
    }

    async fn reset_password(
        &self,
        secret: &PlainSecret,
        new: PasswordField<'_>,
        client: &Client,
    ) -> Result<Option<Refusal>> {
        let moment = self.services.clock.moment();
        let verified = match reset::verify(&self.services.sign_in, secret, new, &moment).await? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Some(refusal)),
        };
        let mut conn = self.services.db.conn().await?;
        let done = conn
            .transaction(async |conn| reset::complete(conn, &verified, client, &moment).await)
            .await?;
        match done {
            Ok(ended) => {
                self.services.live.password_changed(secret.account, ended);
                Ok(None)
            }
            Err(refusal) => Ok(Some(refusal)),
        }
    }

    fn told(&self, door: &Doorstep, heading: &str, words: &str) -> Result<Reply> {
        let view = ToldView {
            layout: door.layout(),
            heading,
            words,
            next: "Sign in",
            next_href: &door.path("login"),
        };
        Reply::view(200, &view, &view.layout)
    }

    pub(crate) async fn reset_form(&self, door: &Doorstep, visit: &Visit, token: &str) -> Result<Reply> {
        self.reset_page(door, visit, token, None).await
    }

    /// The form, where the link is still good; else the page that says why not.
    async fn reset_page(
        &self,
        door: &Doorstep,
        visit: &Visit,
        token: &str,
        error: Option<&str>,
    ) -> Result<Reply> {
        let standing = match (&door.account, reset_secret(door, token)) {
            (Some(account), Some(secret)) => {
                let mut conn = self.services.db.conn().await?;
                let now = self.services.clock.now();
                let reset = PasswordReset::by_secret(&mut conn, &secret).await?;
                (reset.filter(|reset| reset.audience == door.audience))
                    .map(|reset| (account.shortest_password, reset.refusal(now), reset.email_key))
            }
            _ => None,
        };
        let Some((shortest, refusal, email_key)) = standing else {
            return self.dead_reset(door, Reason::LinkInvalid);
        };
        if let Some(reason) = refusal {
            return self.dead_reset(door, reason);
        }
        let action = door.path(&format!("reset/{token}"));
        let view = ResetView {
            layout: door.layout(),
            action: &action,
            form_token: &self.form_token(visit, &action),
            masked_email: &mask::address(&email_key),
            shortest,
            error,
        };
        Reply::view(if error.is_some() { 400 } else { 200 }, &view, &view.layout)
    }

    fn dead_reset(&self, door: &Doorstep, reason: Reason) -> Result<Reply> {
        let status = if reason == Reason::LinkInvalid { 404 } else { 410 };
        let view = ToldView {
            layout: door.layout(),
            heading: "This link doesn\u{2019}t work",
            words: reason.message(),
            next: "Request a new link",
            next_href: &door.path("forgot"),
        };
        Reply::view(status, &view, &view.layout)
    }

    pub(crate) async fn reset(&self, door: &Doorstep, mut visit: Visit, token: &str) -> Result<Reply> {
        let action = door.path(&format!("reset/{token}"));
        let form = match visit.form(self.form_key(), &action, &action).await? {
            Ok(form) => form,
            Err(reply) => return Ok(reply),
        };
        let Some(secret) = reset_secret(door, token) else {
            return self.dead_reset(door, Reason::LinkInvalid);
        };
        let new = PasswordField {
            field: "new",
            text: form.get("new"),
        };
        match self.reset_password(&secret, new, &visit.client).await {
            Ok(None) => self.told(
                door,
                "Your password is saved",
                "You were signed out on every device. Sign in with the new password.",
            ),
            Ok(Some(Refusal { reason, .. })) if reason.of_link() => self.dead_reset(door, reason),
            Ok(Some(refusal)) => self.reset_page(door, &visit, token, Some(&words(refusal))).await,
            Err(error) if error.code == Code::BadUserInput => {
                self.reset_page(door, &visit, token, Some(error.message())).await
            }
            Err(error) => Err(error),
        }
    }
}

fn reset_secret(door: &Doorstep, token: &str) -> Option<PlainSecret> {
    let account = door.account.as_ref()?.id;
    PlainSecret::parse(SecretKind::Reset, token).filter(|secret| secret.account == account)
}
