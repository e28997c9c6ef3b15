//! The email that warns of a new device.

use crate::base::actor::{Client, SignInMethod};
use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::SessionId;
use crate::messages::emails::parts::Origin;
use crate::messages::emails::{EmailContext, SystemEmail, system_email};
use crate::sign_in::sessions::model::Session;

/// A sign-in on an unknown device.
pub(crate) struct NewDeviceEmail {
    pub origin: Origin,
    /// "with a password".
    pub method: &'static str,
}

impl NewDeviceEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let Some(id) = context.message.about else {
            return Ok(None);
        };
        let session = Session::find(conn, context.account.id, SessionId(id)).await?;
        Ok(session.map(|session| Self {
            method: method(&session),
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
    fn subject_pattern(&self) -> String {
        "A new device signed in to {portal}".to_owned()
    }
}

fn method(session: &Session) -> &'static str {
    match session.method {
        SignInMethod::Link if session.staff_seen => "with a link that staff made",
        SignInMethod::Link | SignInMethod::StaffLink => "with a link",
        SignInMethod::Code => "with a code",
        SignInMethod::Password => "with a password",
        SignInMethod::Google => "with Google",
        SignInMethod::Challenge => "confirmed on another device",
        SignInMethod::StepUp => "by confirming who you are",
    }
}
