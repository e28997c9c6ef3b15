//! The dependencies of resolvers and pages.

use crate::accounts::model::Account;
use crate::accounts::model::section::PortalSection;
use crate::accounts::urls::Addresses;
use crate::base::actor::Requester;
use crate::base::clock::Clock;
use crate::base::db::Db;
use crate::base::public_http::PublicHttp;
use crate::invitations::model::SendRequest;
use crate::live::Live;
use crate::sending_domains::records::Sending;
use crate::sign_in::context::SignInContext;
use sms::ProviderUrl;

/// The settings that resolvers and pages need.
#[derive(Clone, Debug)]
pub struct Settings {
    pub addresses: Addresses,
    pub daily_messages: i64,
    /// Whether sign-in with Google is configured.
    pub google: bool,
    pub sending: Sending,
    /// The SMS provider, whose callbacks are verified.
    pub twilio: Option<ProviderUrl>,
}

/// Shared by the whole server.
pub struct Services {
    pub db: Db,
    pub clock: Clock,
    pub live: Live,
    pub settings: Settings,
    pub sign_in: SignInContext,
    /// For what addresses that staff give lead to.
    pub public_http: PublicHttp,
}

impl Services {
    /// A request that leads to the portal's home page, without a note.
    pub(crate) fn send_request<'a>(&self, account: &'a Account, requester: &'a Requester) -> SendRequest<'a> {
        SendRequest {
            account,
            section: PortalSection::Home,
            note: None,
            requester,
            bulk_job: None,
            daily_messages: self.settings.daily_messages,
        }
    }
}
