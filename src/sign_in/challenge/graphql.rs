//! A sign-in that was asked for by mail: where it stands, and what is asked where its button was pressed.

pub mod mutations;

use async_graphql::{Enum, ID, SimpleObject};

use crate::api::enums::api_enum;
use crate::api::scalars::DateTime;
use crate::sign_in::challenge::confirming::Confirmation;
use crate::sign_in::challenge::model as challenge;

api_enum! {
    /// The state of a sign-in by email. It never contains a token.
    SignInChallengeState = challenge::ChallengeState {
        /// Nothing has happened yet.
        Pending,
        /// The email's button was used, and signed in the browser that used it.
        LinkOpened,
        /// The device that requested it was confirmed where the button was used: `signInWithChallenge` signs it in now.
        Confirmed,
        /// It is finished. This is the last state.
        Completed,
        /// It expired, was replaced by a newer one, or was denied. This is the last state, also of an unknown sign-in.
        Expired,
    }
}

/// What to ask the person who used the button of a login email, if another device may have requested the email. Show the
/// device and its network, and the three numbers to choose from; send the chosen one with `confirmSignIn`.
#[derive(SimpleObject)]
pub struct SignInConfirmation {
    /// The sign-in that was requested.
    challenge_id: ID,
    /// The device that requested it, by its user agent: `Chrome on Windows`.
    device: String,
    /// The network of that device: the IP address without its last part, such as `203.0.113.x`. Not a place on a map.
    place: String,
    /// Three numbers in a fixed order. The device that requested it shows one of them.
    matching_numbers: Vec<String>,
    /// When it was asked for.
    asked_at: DateTime,
}

impl From<Confirmation> for SignInConfirmation {
    fn from(asks: Confirmation) -> Self {
        Self {
            challenge_id: ID(asks.challenge.to_string()),
            device: asks.device,
            place: asks.network,
            matching_numbers: asks.numbers,
            asked_at: DateTime(asks.asked_at),
        }
    }
}
