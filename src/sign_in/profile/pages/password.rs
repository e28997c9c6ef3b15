//! The password form of the profile.

use diesel_async::AsyncConnection;
use poem::handler;

use super::{FormResult, FullSession, profile};
use crate::base::error::{Code, Result};
use crate::base::ids::SessionId;
use crate::pages::{Form, PageSession, Reply, Visit};
use crate::sign_in::pages::refusal::refusal_text_or;
use crate::sign_in::password::change::{self, ChangeRequest, PasswordField};
use crate::sign_in::refusal::Refusal;

#[handler]
pub(super) async fn save(visit: Visit<'_>, FullSession(user): FullSession, form: Form) -> Result<Reply> {
    let locale = user.site.locale;
    let refused = |error| FormResult {
        error: Some(error),
        ..FormResult::default()
    };
    match save_password(&visit, &user, &form).await {
        Ok(None) => {
            let result = FormResult {
                notice: Some(&locale.text("profile-password-saved").to_string()),
                ..FormResult::default()
            };
            profile(&visit, &user, result).await
        }
        Ok(Some(refusal)) => {
            let message = refusal_text_or(refusal, locale, locale.text("refused-current-password"));
            profile(&visit, &user, refused(&message)).await
        }
        Err(error) if error.code == Code::BadUserInput => {
            let message = locale.text("password-unusable").to_string();
            profile(&visit, &user, refused(&message)).await
        }
        Err(error) if error.code == Code::Conflict => {
            let message = locale.text("password-conflict").to_string();
            profile(&visit, &user, refused(&message)).await
        }
        Err(error) => Err(error),
    }
}

/// Sets a password if the form names no current one, else changes it.
async fn save_password(visit: &Visit<'_>, user: &PageSession, form: &Form) -> Result<Option<Refusal>> {
    let field = |name| PasswordField {
        field: name,
        text: form.get(name),
    };
    let result = if form.get("current").is_empty() {
        set_password(visit, user, field("new")).await?
    } else {
        change_password(visit, user, field("current"), field("new")).await?
    };
    match result {
        Ok(ended) => {
            visit.live().nudge_password_change(user.own.account, ended);
            Ok(None)
        }
        Err(refusal) => Ok(Some(refusal)),
    }
}

async fn set_password(
    visit: &Visit<'_>,
    user: &PageSession,
    new: PasswordField<'_>,
) -> Result<std::result::Result<Vec<SessionId>, Refusal>> {
    let moment = visit.moment();
    let hashed = match change::verify_set(visit.sign_in(), &user.own, new, &moment).await? {
        Ok(hashed) => hashed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut conn = visit.conn().await?;
    conn.transaction(async |conn| change::set(conn, &user.own, &visit.client, &hashed, &moment).await)
        .await
}

async fn change_password(
    visit: &Visit<'_>,
    user: &PageSession,
    current: PasswordField<'_>,
    new: PasswordField<'_>,
) -> Result<std::result::Result<Vec<SessionId>, Refusal>> {
    let request = ChangeRequest {
        own: &user.own,
        current,
        new,
        client: &visit.client,
    };
    let moment = visit.moment();
    let verified = match change::verify_change(visit.sign_in(), &request, &moment).await? {
        Ok(verified) => verified,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut conn = visit.conn().await?;
    conn.transaction(async |conn| change::change(conn, &user.own, verified, &moment).await)
        .await
}
