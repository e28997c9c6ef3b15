//! The email that warns of a new device.

use crate::base::actor::{Client, SignInMethod};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::messages::emails::parts::Origin;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::sign_in::sessions::model::Session;

/// A sign-in on an unknown device.
pub(crate) struct NewDeviceEmail {
    pub origin: Origin,
    pub method: SignInMethod,
    /// The link that signed in was seen by staff.
    pub staff_seen: bool,
}

impl NewDeviceEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let Some(id) = context.message.about else {
            return Ok(None);
        };
        let session = Session::find(conn, context.account.id, SessionId(id)).await?;
        Ok(session.map(|session| Self {
            method: session.method,
            staff_seen: session.staff_seen,
            origin: Origin::of(
                &Client {
                    ip: session.ip,
                    user_agent: session.user_agent,
                    ..Client::default()
                },
                session.created_at,
            ),
        }))
    }
}

system_email!(
    NewDeviceEmail,
    "sign_in/new_device.html",
    "sign_in/new_device.txt"
);

impl SystemEmail for NewDeviceEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("new-device-subject")
    }
}

impl NewDeviceEmail {
    /// "with a password".
    fn method(&self, locale: &Locale) -> Text {
        match self.method {
            SignInMethod::Link if self.staff_seen => locale.text("new-device-staff-link"),
            SignInMethod::Link | SignInMethod::StaffLink => locale.text("new-device-link"),
            SignInMethod::Code => locale.text("new-device-code"),
            SignInMethod::Password => locale.text("new-device-password"),
            SignInMethod::Google => locale.text("new-device-google"),
            SignInMethod::Challenge => locale.text("new-device-challenge"),
            SignInMethod::StepUp => locale.text("new-device-step-up"),
        }
    }
}
