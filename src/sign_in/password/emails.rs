//! Emails about passwords.

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::PasswordResetId;
use crate::base::lifetime::Lifetime;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::messages::emails::parts::Origin;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::sign_in::password::model::changed_by::client_of_change;
use crate::sign_in::password::model::reset::PasswordReset;

/// How long a link to choose a new password works.
const RESET_LIFETIME: Lifetime = Lifetime(30);

/// A link to choose a new password.
pub(crate) struct PasswordResetEmail {
    pub link: String,
    pub lifetime: Lifetime,
}

impl PasswordResetEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let Some(id) = context.message.about else {
            return Ok(None);
        };
        let secrets = &context.secrets;
        let reset = PasswordReset::find(conn, context.account.id, PasswordResetId(id)).await?;
        let valid = reset.filter(|reset| reset.refusal(secrets.moment.now).is_none());
        Ok(valid.map(|reset| {
            let secret = PasswordReset::secret(&secrets.keys.reset, context.account.id, reset.id);
            let audience = context.recipient.holder().audience();
            Self::of_link((secrets.addresses).reset(audience, &context.account.slug, &secret.reveal()))
        }))
    }

    pub(crate) fn of_link(url: String) -> Self {
        Self {
            link: url,
            lifetime: RESET_LIFETIME,
        }
    }
}

system_email!(
    PasswordResetEmail,
    "sign_in/password_reset.html",
    "sign_in/password_reset.txt"
);

impl SystemEmail for PasswordResetEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("password-reset-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }

    fn requested(&self) -> bool {
        true
    }
}

/// The password was set or changed.
pub(crate) struct PasswordChangedEmail {
    pub origin: Origin,
}

impl PasswordChangedEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Self> {
        let client = client_of_change(conn, context.message, context.recipient).await?;
        Ok(Self {
            origin: Origin::of(&client, context.message.created_at),
        })
    }
}

system_email!(
    PasswordChangedEmail,
    "sign_in/password_changed.html",
    "sign_in/password_changed.txt"
);

impl SystemEmail for PasswordChangedEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("password-changed-subject")
    }
}
