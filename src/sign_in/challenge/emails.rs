//! The emails of a requested sign-in: a link, a code, or both.

use crate::base::db::Conn;
use crate::base::error::Result;
use crate::base::ids::ChallengeId;
use crate::base::lifetime::Lifetime;
use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::magic_links::model::MagicLink;
use crate::messages::emails::parts::destination;
use crate::messages::emails::{EmailContext, SystemEmail, boxed, system_email};
use crate::messages::model::link_batch::LinkToMail;
use crate::sign_in::challenge::code::Code;
use crate::sign_in::challenge::model::Challenge;
use crate::sign_in::person::Person;
use crate::team::model::staff_link::StaffLink;

/// How long a code works (OWASP ASVS 5.0, 6.5.5).
const CODE_LIFETIME: Lifetime = Lifetime(10);

/// A link that the contact requested, perhaps to replace one that no longer works, and a code.
pub(crate) struct RequestedLoginEmail {
    pub link: String,
    pub destination: &'static str,
    /// The digits in two groups.
    pub code: Option<String>,
    pub lifetime: Lifetime,
}

impl RequestedLoginEmail {
    pub(crate) fn new(context: &EmailContext<'_>, minted: &LinkToMail) -> Self {
        let challenge = context.message.about.filter(|_| context.account.code_allowed);
        let code = challenge.map(|id| code(context, ChallengeId(id)));
        Self::of_link(context.magic_link(minted), &minted.link, code)
    }

    pub(crate) fn of_link(url: String, link: &MagicLink, code: Option<String>) -> Self {
        let minutes = u64::try_from(link.lifetime_seconds / 60).unwrap_or(1);
        Self {
            link: url,
            destination: destination(link.section),
            code,
            lifetime: Lifetime(minutes.max(1)),
        }
    }
}

system_email!(
    RequestedLoginEmail,
    "sign_in/requested_login.html",
    "sign_in/requested_login.txt"
);

impl SystemEmail for RequestedLoginEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("requested-login-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }

    fn requested(&self) -> bool {
        true
    }
}

/// A code that the recipient requested, without a link.
pub(crate) struct LoginCodeEmail {
    pub code: String,
    pub lifetime: Lifetime,
}

impl LoginCodeEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let challenge = live_challenge(conn, context).await?;
        Ok(challenge.map(|challenge| Self::of_code(code(context, challenge.id))))
    }

    pub(crate) fn of_code(code: String) -> Self {
        Self {
            code,
            lifetime: CODE_LIFETIME,
        }
    }
}

system_email!(
    LoginCodeEmail,
    "sign_in/login_code.html",
    "sign_in/login_code.txt"
);

impl SystemEmail for LoginCodeEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("login-code-subject")
    }

    fn requested(&self) -> bool {
        true
    }
}

/// A code for an address that belongs to no contact: it creates one.
pub(crate) struct SignUpCodeEmail {
    pub code: String,
    pub lifetime: Lifetime,
}

impl SignUpCodeEmail {
    pub(crate) async fn load(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Self>> {
        let challenge = live_challenge(conn, context).await?;
        let challenge = challenge.filter(|_| context.account.takes_sign_ups());
        Ok(challenge.map(|challenge| Self::of_code(code(context, challenge.id))))
    }

    pub(crate) fn of_code(code: String) -> Self {
        Self {
            code,
            lifetime: CODE_LIFETIME,
        }
    }
}

system_email!(
    SignUpCodeEmail,
    "sign_in/sign_up_code.html",
    "sign_in/sign_up_code.txt"
);

impl SystemEmail for SignUpCodeEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("sign-up-subject")
    }

    fn requested(&self) -> bool {
        true
    }
}

/// A link to the dashboard that a team member requested, and a code.
pub(crate) struct StaffLoginEmail {
    pub link: String,
    pub destination: &'static str,
    pub code: Option<String>,
    pub lifetime: Lifetime,
}

impl StaffLoginEmail {
    /// Contains what the account allows: a link, a code, or both. The first attempt to send the email creates the link; later
    /// attempts use the same one.
    pub(crate) async fn load(
        conn: &mut Conn,
        context: &EmailContext<'_>,
    ) -> Result<Option<Box<dyn SystemEmail>>> {
        let Person::Member(member) = context.recipient else {
            return Ok(None);
        };
        let Some(challenge) = live_challenge(conn, context).await? else {
            return Ok(None);
        };
        let code = context.account.code_allowed.then(|| code(context, challenge.id));
        if !context.account.link_allowed {
            return Ok(boxed(code.map(LoginCodeEmail::of_code)));
        }
        let secrets = &context.secrets;
        let key = &secrets.keys.staff_link;
        let link = challenge
            .mailed_staff_link(conn, member, key, secrets.moment)
            .await?;
        let secret = StaffLink::emailed_secret(key, challenge.account_id, link);
        Ok(boxed(Some(Self {
            link: secrets.addresses.staff_link(&secret.reveal()),
            destination: "DASHBOARD",
            code,
            lifetime: CODE_LIFETIME,
        })))
    }
}

system_email!(
    StaffLoginEmail,
    "sign_in/requested_login.html",
    "sign_in/requested_login.txt"
);

impl SystemEmail for StaffLoginEmail {
    fn subject(&self, locale: Locale) -> Text {
        locale.text("staff-login-subject")
    }

    fn link(&self) -> Option<&str> {
        Some(&self.link)
    }

    fn requested(&self) -> bool {
        true
    }
}

async fn live_challenge(conn: &mut Conn, context: &EmailContext<'_>) -> Result<Option<Challenge>> {
    let Some(id) = context.message.about else {
        return Ok(None);
    };
    let challenge = Challenge::find(conn, context.account.id, ChallengeId(id)).await?;
    Ok(challenge.filter(|challenge| challenge.live(context.secrets.moment.now)))
}

fn code(context: &EmailContext<'_>, challenge: ChallengeId) -> String {
    Code::of(&context.secrets.keys.code, context.account.id, challenge).grouped()
}
