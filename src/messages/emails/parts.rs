//! Values that several emails show.

use chrono::{DateTime, Utc};

use crate::accounts::model::section::PortalSection;
use crate::base::actor::Client;
use crate::base::device;
use crate::base::locale::Locale;

/// The time and the device of an event.
#[derive(Clone)]
pub(crate) struct Origin {
    pub at: DateTime<Utc>,
    pub user_agent: Option<String>,
    /// Without its last part.
    pub network: Option<String>,
}

impl Origin {
    pub(crate) fn of(client: &Client, at: DateTime<Utc>) -> Self {
        let network = client.ip.as_deref().and_then(device::network_of);
        Self {
            at,
            user_agent: client.user_agent.clone(),
            network,
        }
    }

    pub(crate) fn device(&self, locale: &Locale) -> String {
        device::describe(self.user_agent.as_deref(), *locale)
    }
}

/// Where a link leads, as the texts of emails know it.
pub(crate) fn destination(section: PortalSection) -> &'static str {
    section.as_str()
}
