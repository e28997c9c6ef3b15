//! Example emails for previews: their links and codes have the right form and were never made.

use chrono::TimeDelta;
use message_templates::Values;

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::accounts::urls::Addresses;
use crate::base::actor::{Audience, Role, SignInMethod};
use crate::base::clock::Moment;
use crate::base::lifetime::Lifetime;
use crate::base::locale::{Language, Locale};
use crate::contacts::emails::{AddressChangedEmail, ContactsMergedEmail};
use crate::invitations::emails::InvitationEmail;
use crate::magic_links::emails::{LoginEmail, MagicLinkEmail};
use crate::messages::emails::parts::{Origin, destination};
use crate::messages::emails::{Frame, FrameSource, SystemEmail};
use crate::sign_in::challenge::emails::{
    LoginCodeEmail, RequestedLoginEmail, SignUpCodeEmail, StaffLoginEmail,
};
use crate::sign_in::password::emails::{PasswordChangedEmail, PasswordResetEmail};
use crate::sign_in::sessions::emails::NewDeviceEmail;
use crate::system_emails::fields::{available, fields};
use crate::system_emails::model::{Readers, SystemEmailKind};
use crate::team::emails::TeamInvitationEmail;
use crate::templates::values::{EXAMPLE_SECRET, example_login_url, set_account};

const CODE: &str = "123 456";
const NAME: &str = "Anna";
const ADDRESS: &str = "a***@example.com";
const LIFETIME: Lifetime = Lifetime(10);
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const NETWORK: &str = "203.0.113.x";

/// An account at a moment, of whose emails there are examples.
#[derive(Clone, Copy)]
pub(crate) struct Examples<'a> {
    pub account: &'a Account,
    pub addresses: &'a Addresses,
    pub moment: &'a Moment,
}

impl Examples<'_> {
    pub(crate) fn email(&self, kind: SystemEmailKind) -> Box<dyn SystemEmail> {
        match kind {
            SystemEmailKind::Invitation => Box::new(self.invitation()),
            SystemEmailKind::LoginEmail => Box::new(self.login_email()),
            SystemEmailKind::MagicLink => Box::new(self.magic_link()),
            SystemEmailKind::RequestedLogin => Box::new(self.requested_login()),
            SystemEmailKind::LoginCode => Box::new(LoginCodeEmail::of_code(CODE.to_owned())),
            SystemEmailKind::SignUpCode => Box::new(SignUpCodeEmail::of_code(CODE.to_owned())),
            SystemEmailKind::PasswordReset => Box::new(self.password_reset()),
            SystemEmailKind::PasswordChanged => Box::new(PasswordChangedEmail {
                origin: self.origin(),
            }),
            SystemEmailKind::NewDevice => Box::new(self.new_device()),
            SystemEmailKind::AddressChanged => Box::new(AddressChangedEmail {
                at: self.moment.now,
                new_address: Some(ADDRESS.to_owned()),
            }),
            SystemEmailKind::ContactsMerged => Box::new(self.merged()),
            SystemEmailKind::StaffLogin => Box::new(self.staff_login()),
            SystemEmailKind::TeamInvitation => Box::new(self.team_invitation()),
        }
    }

    fn invitation(&self) -> InvitationEmail {
        InvitationEmail {
            link: example_login_url(self.account, self.addresses),
            destination: destination(PortalSection::Home),
            note: Vec::new(),
            expires_at: self.moment.now + TimeDelta::days(7),
        }
    }

    fn login_email(&self) -> LoginEmail {
        LoginEmail {
            link: example_login_url(self.account, self.addresses),
            destination: destination(PortalSection::Home),
            expires_at: self.moment.now + TimeDelta::days(1),
        }
    }

    fn magic_link(&self) -> MagicLinkEmail {
        MagicLinkEmail {
            link: example_login_url(self.account, self.addresses),
            destination: destination(PortalSection::Home),
            expires_at: self.moment.now + TimeDelta::days(1),
        }
    }

    fn requested_login(&self) -> RequestedLoginEmail {
        RequestedLoginEmail {
            link: example_login_url(self.account, self.addresses),
            destination: destination(PortalSection::Home),
            code: self.account.code_allowed.then(|| CODE.to_owned()),
            lifetime: LIFETIME,
        }
    }

    fn password_reset(&self) -> PasswordResetEmail {
        let (addresses, slug) = (self.addresses, &self.account.slug);
        PasswordResetEmail::of_link(addresses.reset(Audience::Portal, slug, EXAMPLE_SECRET))
    }

    fn new_device(&self) -> NewDeviceEmail {
        NewDeviceEmail {
            origin: self.origin(),
            method: SignInMethod::Password,
            staff_seen: false,
        }
    }

    fn origin(&self) -> Origin {
        Origin {
            at: self.moment.now,
            user_agent: Some(BROWSER.to_owned()),
            network: Some(NETWORK.to_owned()),
        }
    }

    fn merged(&self) -> ContactsMergedEmail {
        ContactsMergedEmail {
            at: self.moment.now,
            address: Some(ADDRESS.to_owned()),
            stays: false,
        }
    }

    fn staff_login(&self) -> StaffLoginEmail {
        StaffLoginEmail {
            link: self.addresses.staff_link(EXAMPLE_SECRET),
            destination: "DASHBOARD",
            code: self.account.code_allowed.then(|| CODE.to_owned()),
            lifetime: LIFETIME,
        }
    }

    fn team_invitation(&self) -> TeamInvitationEmail {
        TeamInvitationEmail {
            link: self.addresses.staff_link(EXAMPLE_SECRET),
            role: Role::Staff,
            expires_at: self.moment.now + TimeDelta::days(7),
        }
    }

    /// What stands around the email.
    pub(crate) fn frame(&self, kind: SystemEmailKind, language: Language) -> Frame {
        let (account, audience) = (self.account, audience(kind));
        let not_me = (self.addresses).not_me(audience, &account.slug, EXAMPLE_SECRET);
        Frame::from(FrameSource {
            portal: &account.name,
            accent: account.colors().accent,
            audience,
            greeting: Some(NAME),
            support: account.reply_to.as_deref(),
            not_me: &not_me,
            locale: Locale {
                language,
                ..account.locale(None)
            },
        })
    }

    /// Of the fields that can be used in emails of this kind.
    pub(crate) fn values(&self, kind: SystemEmailKind) -> Values {
        let usable = fields().filter(|field| available(field, kind).is_ok());
        let mut values: Values = usable.map(|field| (field.name, field.example)).collect();
        set_account(&mut values, self.account, self.addresses);
        values
    }
}

fn audience(kind: SystemEmailKind) -> Audience {
    match kind.readers() {
        Readers::Contacts | Readers::EarlierAddresses | Readers::ContactsAndTeam => Audience::Portal,
        Readers::Team => Audience::Dashboard,
    }
}
