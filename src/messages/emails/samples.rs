//! A sample of each email, for the tests and for review in a browser.

use chrono::{DateTime, Utc};

use super::parts::{Origin, destination};
use super::plain::lines;
use super::{Frame, FrameSource, Rendered, SystemEmail};
use crate::accounts::brand::Accent;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::{Audience, Role, SignInMethod};
use crate::base::lifetime::Lifetime;
use crate::base::locale::Locale;
use crate::contacts::emails::{AddressChangedEmail, ContactsMergedEmail};
use crate::invitations::emails::InvitationEmail;
use crate::magic_links::emails::{LoginEmail, MagicLinkEmail};
use crate::sign_in::challenge::emails::{
    LoginCodeEmail, RequestedLoginEmail, SignUpCodeEmail, StaffLoginEmail,
};
use crate::sign_in::password::emails::{PasswordChangedEmail, PasswordResetEmail};
use crate::sign_in::sessions::emails::NewDeviceEmail;
use crate::team::emails::TeamInvitationEmail;

pub(crate) const URL: &str =
    "https://portal.acme.example/l/acme_q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq8s?to=a&x=1";
pub(crate) const NOT_ME: &str =
    "https://portal.acme.example/not-me/notme_q83vEjRWeJq83vEjRWeJq83vEjRWeJ?a=b&c=d";
pub(crate) const NOTE: &str = "Welcome on board!\nSee you on Monday.";

/// An email and its audience.
pub(crate) type Sample = (Box<dyn SystemEmail>, Audience);

pub(crate) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_496_800, 0).expect("a time in 2025")
}

pub(crate) fn source() -> FrameSource<'static> {
    FrameSource {
        portal: "Acme Academy",
        accent: Accent::DEFAULT,
        audience: Audience::Portal,
        greeting: Some("Maria"),
        support: Some("Jo Fischer, help@acme.example"),
        not_me: NOT_ME,
        locale: Locale::DEFAULT,
    }
}

pub(crate) fn origin() -> Origin {
    Origin {
        at: at(),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0".to_owned()),
        network: Some("203.0.113.x".to_owned()),
    }
}

pub(crate) fn invitation(section: PortalSection, note: Option<&str>) -> InvitationEmail {
    InvitationEmail {
        link: URL.to_owned(),
        destination: destination(section),
        note: note.map(lines).unwrap_or_default(),
        expires_at: at(),
    }
}

pub(crate) fn login_email(link: &str) -> LoginEmail {
    LoginEmail {
        link: link.to_owned(),
        destination: destination(PortalSection::Courses),
        expires_at: at(),
    }
}

pub(crate) fn requested_login(
    section: PortalSection,
    minutes: u64,
    code: Option<&str>,
) -> RequestedLoginEmail {
    RequestedLoginEmail {
        link: URL.to_owned(),
        destination: destination(section),
        code: code.map(str::to_owned),
        lifetime: Lifetime(minutes),
    }
}

pub(crate) fn login_code() -> LoginCodeEmail {
    LoginCodeEmail {
        code: "012 345".to_owned(),
        lifetime: Lifetime(10),
    }
}

/// Emails that staff send, and emails about changes by staff.
pub(crate) fn staff_emails(section: PortalSection) -> Vec<Sample> {
    let magic_link = MagicLinkEmail {
        link: URL.to_owned(),
        destination: destination(section),
        expires_at: at(),
    };
    let team_invitation = TeamInvitationEmail {
        link: URL.to_owned(),
        role: Role::Staff,
        expires_at: at(),
    };
    let address_changed = AddressChangedEmail {
        at: at(),
        new_address: Some("b***@example.org".to_owned()),
    };
    let merged = ContactsMergedEmail {
        at: at(),
        address: Some("b***@example.org".to_owned()),
        stays: false,
    };
    vec![
        (Box::new(invitation(section, Some(NOTE))), Audience::Portal),
        (
            Box::new(LoginEmail {
                destination: destination(section),
                ..login_email(URL)
            }),
            Audience::Portal,
        ),
        (Box::new(magic_link), Audience::Portal),
        (Box::new(team_invitation), Audience::Dashboard),
        (Box::new(address_changed), Audience::Portal),
        (Box::new(merged), Audience::Portal),
    ]
}

/// Emails that any caller can trigger, and warnings about sign-ins.
pub(crate) fn public_emails(section: PortalSection) -> Vec<Sample> {
    let staff_login = StaffLoginEmail {
        link: URL.to_owned(),
        destination: "DASHBOARD",
        code: Some("012 345".to_owned()),
        lifetime: Lifetime(10),
    };
    let reset = PasswordResetEmail {
        link: URL.to_owned(),
        lifetime: Lifetime(30),
    };
    let new_device = NewDeviceEmail {
        origin: origin(),
        method: SignInMethod::Password,
        staff_seen: false,
    };
    vec![
        (Box::new(requested_login(section, 10, None)), Audience::Portal),
        (
            Box::new(requested_login(section, 10, Some("012 345"))),
            Audience::Portal,
        ),
        (Box::new(login_code()), Audience::Portal),
        (
            Box::new(SignUpCodeEmail::of_code("012 345".to_owned())),
            Audience::Portal,
        ),
        (Box::new(staff_login), Audience::Dashboard),
        (Box::new(reset), Audience::Portal),
        (
            Box::new(PasswordChangedEmail { origin: origin() }),
            Audience::Portal,
        ),
        (Box::new(new_device), Audience::Dashboard),
    ]
}

pub(crate) fn all() -> Vec<Sample> {
    let mut all = staff_emails(PortalSection::Courses);
    all.extend(public_emails(PortalSection::Courses));
    all
}

/// Renders the email for its audience.
pub(crate) fn render((email, audience): &Sample, source: FrameSource<'_>) -> Rendered {
    let audience = *audience;
    written(&**email, FrameSource { audience, ..source })
}

pub(crate) fn written(email: &dyn SystemEmail, source: FrameSource<'_>) -> Rendered {
    super::render(email, &Frame::from(source)).unwrap_or_else(|error| panic!("{error}"))
}
