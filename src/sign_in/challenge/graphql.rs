//! Signing in by email over the API.

mod confirm;
pub(crate) mod mutations;
mod step_up;
pub(crate) mod subscription;

use async_graphql::{ID, SimpleObject};

use crate::api::scalars::DateTime;
use crate::base::locale::Locale;
use crate::sign_in::challenge::confirmation::Confirmation;

/// What to ask the person who used the button of a login email, if another device may have requested the email. Show the
/// device and its network, and the three numbers to choose from; send the chosen one with `confirmSignIn`.
#[derive(SimpleObject)]
pub(crate) struct SignInConfirmation {
    /// The sign-in that was requested.
    challenge_id: ID,
    /// The device that requested it, by its user agent: `Chrome on Windows`.
    device: String,
    /// The network of that device: the IP address without its last part, such as `203.0.113.x`. Not a place on a map.
    place: String,
    /// Three numbers in a fixed order. The device that requested it shows one of them.
    matching_numbers: Vec<String>,
    /// When it was requested.
    asked_at: DateTime,
}

impl From<Confirmation> for SignInConfirmation {
    fn from(confirmation: Confirmation) -> Self {
        Self {
            challenge_id: ID(confirmation.challenge.to_string()),
            device: confirmation.device(Locale::DEFAULT),
            place: confirmation
                .network
                .unwrap_or_else(|| "an unknown network".to_owned()),
            matching_numbers: confirmation.numbers,
            asked_at: DateTime(confirmation.requested_at),
        }
    }
}
