//! Values that several emails show, as text.

use std::fmt;

use chrono::{DateTime, Utc};

use super::plain::one_line;
use crate::accounts::model::section::PortalSection;
use crate::base::actor::Client;
use crate::base::device;

/// A moment: "Sunday, 30 November 2025, 10:00 UTC".
#[derive(Clone, Copy)]
pub(crate) struct Time(pub DateTime<Utc>);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%A, %-d %B %Y, %H:%M UTC"))
    }
}

/// The time and the device of an event.
#[derive(Clone)]
pub(crate) struct Origin {
    pub at: Time,
    pub device: String,
    /// Masked.
    pub network: Option<String>,
}

impl Origin {
    pub(crate) fn of(client: &Client, at: DateTime<Utc>) -> Self {
        let network = client.ip.as_deref().and_then(device::network_of);
        Self::new(
            at,
            &device::describe(client.user_agent.as_deref()),
            network.as_deref(),
        )
    }

    pub(crate) fn new(at: DateTime<Utc>, device: &str, network: Option<&str>) -> Self {
        Self {
            at: Time(at),
            device: one_line(device),
            network: network.map(one_line),
        }
    }
}

/// The destination of a link.
pub(crate) fn destination(section: PortalSection) -> &'static str {
    match section {
        PortalSection::Home => "the portal",
        PortalSection::Courses => "your courses",
        PortalSection::Communities => "your communities",
        PortalSection::Affiliates => "your affiliate pages",
    }
}
